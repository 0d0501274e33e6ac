"""Controls of the page, made from dataclasses of options.

What a field is decides what stands for it, so that a new option of animating is
on the page without a word here.
"""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

import gradio as gr

from dagan_jax.app.web.values import list_fields, takes_path

_FEW = 3  # choices that are shown side by side


def make_controls(
  options: type,
  without: Collection[str] = (),
  defaults: Mapping[str, Any] | None = None,
) -> dict[str, gr.components.Component]:
  """A control for each field that a visitor may fill in, by its name.

  Args:
    options: the dataclass.
    without: fields that something else on the page stands for.
    defaults: of fields that have another one here.
  """
  defaults = defaults or {}
  return {
    field.name: make_control(field, defaults.get(field.name, field.default))
    for field in list_fields(options)
    if field.name not in without
  }


def make_control(
  field: dataclasses.Field, default: Any
) -> gr.components.Component:
  """The control of one field, which stands at its default."""
  metadata = field.metadata
  texts: dict[str, Any] = {
    'label': field.name.replace('_', ' '),
    'info': metadata['help'],
    'min_width': 260,
  }
  if isinstance(default, bool):
    return gr.Checkbox(default, **texts)
  if metadata['several']:
    return gr.CheckboxGroup(
      list(metadata['several']), value=default.split(','), **texts
    )
  if choices := metadata['choices'] or (
    takes_path(field) and metadata['words']
  ):
    kind = gr.Radio if len(choices) <= _FEW else gr.Dropdown
    return kind(list(choices), value=default, **texts)
  if metadata['span']:
    least, most = metadata['span']
    return gr.Slider(least, most, value=default, step=0.05, **texts)
  if metadata['parse'] in (int, float):
    digits = 0 if metadata['parse'] is int else None
    return gr.Number(default, precision=digits, minimum=0, **texts)
  return gr.Textbox(str(default or ''), max_lines=1, **texts)
