"""Runs espeak-ng's library in a process of its own; a file, not a module.

What the library says depends on what it said before, so each sentence has a
process; and a library under the GPL stays apart from ours, which only asks for
its answer. It imports nothing of this package, to start at once.

  python espeak_process.py VOICE RATE PITCH RANGE < text > answer

The answer: a line of JSON with the rate of the sound and its phones, [IPA,
sample where it begins], then the sound, int16.
"""

import ctypes
import json
import sys

LIBRARY = 'libespeak-ng.so.1'
SYNCHRONOUS = 2  # of espeak_AUDIO_OUTPUT
PHONEME_EVENTS, PHONEME_IPA = 1, 2
RATE, PITCH, RANGE = 1, 3, 4  # of espeak_PARAMETER
PHONEME = 7  # of espeak_EVENT_TYPE; 0 ends a list
UTF8 = 1


class Event(ctypes.Structure):
  """espeak_EVENT; `name` is the union's, for phonemes."""

  _fields_ = (
    ('type', ctypes.c_int),
    ('identifier', ctypes.c_uint),
    ('text_position', ctypes.c_int),
    ('length', ctypes.c_int),
    ('audio_position', ctypes.c_int),
    ('sample', ctypes.c_int),
    ('user', ctypes.c_void_p),
    ('name', ctypes.c_char * 8),
  )


def main(voice: str, *parameters: str) -> None:
  """Speaks the text of the standard input."""
  library = ctypes.CDLL(LIBRARY)
  options = PHONEME_EVENTS | PHONEME_IPA
  rate = library.espeak_Initialize(SYNCHRONOUS, 0, None, options)
  sound, phones = [], []

  @ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_short),
    ctypes.c_int,
    ctypes.POINTER(Event),
  )
  def take(samples, count, events):
    if samples and count > 0:
      sound.append(ctypes.string_at(samples, 2 * count))
    number = 0
    while events[number].type:
      event = events[number]
      if event.type == PHONEME:
        # A symbol of eight bytes may be cut within a letter.
        phones.append((event.name.decode(errors='ignore'), event.sample))
      number += 1
    return 0

  library.espeak_SetSynthCallback(take)
  if rate < 0 or library.espeak_SetVoiceByName(voice.encode()):
    raise RuntimeError(f'there is no voice {voice}')
  for number, value in zip((RATE, PITCH, RANGE), parameters, strict=True):
    library.espeak_SetParameter(number, int(value), 0)
  text = sys.stdin.buffer.read()
  library.espeak_Synth(text, len(text) + 1, 0, 1, 0, UTF8, None, None)
  header = json.dumps({'rate': rate, 'phones': phones})
  sys.stdout.buffer.write(header.encode() + b'\n' + b''.join(sound))


if __name__ == '__main__':
  main(*sys.argv[1:])
