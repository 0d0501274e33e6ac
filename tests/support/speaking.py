"""The command that lets portraits speak, as a test calls it."""

import dataclasses

from dagan_jax.app.speaking import VoiceFiles, speak_files
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.settings import Acting
from data_pipelines.errors.mendable import exit_code


def command(**options):
  """What the command does; its exit code."""
  kinds = VoiceFiles, Acting, Settings
  names = [{field.name for field in dataclasses.fields(k)} for k in kinds]
  assert options.keys() <= set.union(*names)

  def work():
    speak_files(
      *(
        kind(**{n: x for n, x in options.items() if n in own})
        for kind, own in zip(kinds, names, strict=True)
      )
    )

  return exit_code(work)
