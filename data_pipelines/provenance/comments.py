"""Writes into videos and pictures how they came about.

An mp4 keeps the comment in its metadata, a gif in a comment extension, a png
as text, a jpg in its comment segment, a webp as XMP (dc:description): there
common programs look for it, and `media.comment_reader`. The pixels do not
change.
"""

import os
import pathlib
import struct
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:description><rdf:Alt>
    <rdf:li xml:lang="x-default">{}</rdf:li>
   </rdf:Alt></dc:description>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
BLOCK = 2**20  # bytes of a file that are moved at once
VP8X_XMP, VP8X_ALPHA = 0x04, 0x10  # flags of a webp


def picture_options(suffix: str, comment: str | None) -> dict:
  """What makes Pillow's `save` write a comment into a png, jpg or webp.

  Other formats have no place for it: nothing.
  """
  if comment is None:
    return {}
  match suffix.lower():
    case '.png':
      text = PngImagePlugin.PngInfo()
      text.add_text('Comment', comment)
      return {'pnginfo': text}
    case '.jpg' | '.jpeg':
      return {'comment': comment.encode()}
    case '.webp':
      return {'xmp': _xmp(comment)}
  return {}


def add_comment(path: pathlib.Path, comment: str) -> None:
  """Writes a comment into a whole gif or webp that has none.

  Raises:
    OSError: the disk is full, or the place has gone.
  """
  if path.suffix.lower() == '.gif':
    _add_to_gif(path, comment)
  else:
    _add_to_webp(path, comment)


def _xmp(comment: str) -> bytes:
  return XMP.format(escape(comment)).encode()


def _add_to_gif(path: pathlib.Path, comment: str) -> None:
  """Puts a comment extension before the first frame, where Pillow looks."""
  with open(path, 'rb') as file:
    header = file.read(13)
  has_palette, bits = header[10] >> 7, (header[10] & 7) + 1
  text = comment.encode()
  pieces = [text[i : i + 255] for i in range(0, len(text), 255)]
  blocks = b''.join(bytes([len(piece)]) + piece for piece in pieces)
  _insert(path, 13 + has_palette * 3 * 2**bits, b'!\xfe' + blocks + b'\0')


def _add_to_webp(path: pathlib.Path, comment: str) -> None:
  """Appends an XMP chunk, and says in the header that it is there."""
  with open(path, 'rb') as file:
    has_extended_header = file.read(16)[12:] == b'VP8X'
  if not has_extended_header:
    with Image.open(path, formats=['WEBP']) as picture:
      flags = VP8X_ALPHA * picture.has_transparency_data
      width, height = (side - 1 for side in picture.size)
    size = width.to_bytes(3, 'little') + height.to_bytes(3, 'little')
    _insert(path, 12, struct.pack('<4sII', b'VP8X', 10, flags) + size)
  with open(path, 'r+b') as file:
    file.seek(20)
    flags = file.read(1)[0]
    file.seek(20)
    file.write(bytes([flags | VP8X_XMP]))
    packet = _xmp(comment)
    file.seek(0, os.SEEK_END)
    file.write(struct.pack('<4sI', b'XMP ', len(packet)) + packet)
    file.write(b'\0' * (len(packet) % 2))  # chunks begin at even places
    size = file.tell() - 8
    file.seek(4)
    file.write(size.to_bytes(4, 'little'))


def _insert(path: pathlib.Path, place: int, piece: bytes) -> None:
  """Puts bytes into the middle of a file, moving on what follows them."""
  with open(path, 'r+b') as file:
    file.seek(place)
    while block := file.read(BLOCK):
      file.seek(-len(block), os.SEEK_CUR)
      moved = piece + block
      file.write(moved[: len(block)])
      piece = moved[len(block) :]
    file.write(piece)
