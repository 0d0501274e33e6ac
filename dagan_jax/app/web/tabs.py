"""The page's tabs: files, settings, and what becomes of them."""

import time
from collections.abc import Collection, Mapping
from typing import Any

import gradio as gr

from dagan_jax.app import live
from dagan_jax.app.web.controls import make_controls
from dagan_jax.app.web.requests import CROPS, SECOND
from dagan_jax.app.web.results import Desk
from dagan_jax.inference.reenactment.settings import Settings
from dagan_jax.inference.voice.settings import Acting

TITLE = 'dagan_jax'
_SCRIPT = '<script src="page/page.js"></script>'
_ABOUT = (
  '# Talking portraits\n'
  'A portrait moves like the person in a video, or speaks. Animate only people'
  ' who agreed to it; every result is marked as synthetic. Nothing that you'
  ' send leaves this machine, and nothing is kept for long.'
)
_FORM = 'window.dagan.{call}(element, props, watch);'
_ACCEPT = {
  'picture': 'image/*',
  'video': 'video/*,image/*,.npz,.mkv',
  'sound': 'audio/*,video/*',
  'either': 'image/*,video/*',
}
_PORTRAIT = ('Example', 'page/examples/portrait.jpg')
_DRIVING = ('Example', 'page/examples/driving.mp4')
_VOICE = ('Example', 'page/examples/voice.m4a')


def build_page(desk: Desk, *, has_live: bool) -> gr.Blocks:
  """The page.

  Args:
    desk: does what visitors ask for.
    has_live: whether cameras may move portraits.
  """
  with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
    gr.Markdown(_ABOUT)
    with gr.Tabs():
      with gr.Tab('Animate', id='animate'):
        _add_animating(desk)
      with gr.Tab('Speak', id='speak'):
        _add_speaking(desk)
      with gr.Tab('Depth', id='depth'):
        _add_depth(desk)
      if has_live:
        with gr.Tab('Live', id='live'):
          _add_live()
      with gr.Tab('Compare', id='compare'):
        _add_comparing(desk)
  return page


def _add_animating(desk: Desk) -> None:
  boxes = _add_moving_files('animate')
  with gr.Accordion('Settings', open=False):
    controls = _add_settings((Settings,), CROPS.values())
  _add_job(
    desk, 'animate', 'Animate', boxes, controls, 'Your video appears here.'
  )


def _add_speaking(desk: Desk) -> None:
  with gr.Row():
    boxes = {
      'portrait': _add_portrait('speak'),
      'voice': _add_file(
        'speak', 'voice', 'sound', 'Voice: a sound, or a video with sound',
        'Choose, drop or record what is said.', _VOICE, records='sound',
      ),
    }  # fmt: skip
  with gr.Accordion('Settings', open=False):
    controls = _add_settings(
      (Acting, Settings),
      {*CROPS.values(), 'as_published', 'person', 'start'},
    )
  _add_job(desk, 'speak', 'Speak', boxes, controls, 'Your video appears here.')


def _add_depth(desk: Desk) -> None:
  boxes = {
    'picture': _add_file(
      'depth', 'picture', 'either', 'Picture or video',
      'A face is looked at; near is light.', _PORTRAIT,
      records='picture',
    )
  }  # fmt: skip
  _add_job(
    desk, 'depth', 'Find depth', boxes, {}, 'Depth in colours appears here.'
  )


def _add_live() -> None:
  portrait = _add_portrait('live')
  with gr.Accordion('Settings', open=False):
    controls = _add_settings(
      (Settings,), {'crop', 'start', 'person'}, live.DEFAULTS
    )
  begin = gr.Button('Start the camera', variant='primary', elem_id='live-go')
  shown = _add_result(
    'live',
    'live',
    'You and the portrait appear here. Sit as it does when you start.',
  )
  # The browser itself asks for the rest, with a description of its camera.
  begin.click(
    lambda chosen, *values: {
      'portrait': chosen,
      'values': dict(zip(controls, values, strict=True)),
      'begun': time.time(),
    },
    [portrait, *controls.values()],
    shown,
    show_progress='hidden',
    api_visibility='private',
  )


def _add_comparing(desk: Desk) -> None:
  boxes = _add_moving_files('compare')
  controls = {}
  with gr.Row(equal_height=False):
    for label, prefix in ('A', ''), ('B', SECOND):
      with gr.Column(min_width=300), gr.Accordion(f'Settings {label}'):
        made = _add_settings((Settings,), CROPS.values())
        controls |= {prefix + name: control for name, control in made.items()}
  _add_job(
    desk, 'compare', 'Compare A and B', boxes, controls,
    'The same portrait and video, by both settings, side by side.',
  )  # fmt: skip


def _add_moving_files(tab: str) -> dict[str, gr.HTML]:
  with gr.Row():
    return {
      'portrait': _add_portrait(tab),
      'driving': _add_file(
        tab, 'driving', 'video', 'Driving video: who it moves like',
        'Choose, drop or record a video, or a motion that was saved.',
        _DRIVING, records='video',
      ),
    }  # fmt: skip


def _add_portrait(tab: str) -> gr.HTML:
  return _add_file(
    tab, 'portrait', 'picture', 'Portrait: who moves',
    'Choose, drop or take a picture.', _PORTRAIT, records='picture',
  )  # fmt: skip


def _add_file(
  tab: str,
  place: str,
  kind: str,
  title: str,
  words: str,
  *examples: tuple[str, str],
  records: str,
) -> gr.HTML:
  with gr.Column(min_width=300):
    return gr.HTML(
      None,
      html_template='<div></div>',
      head=_SCRIPT,
      js_on_load=_FORM.format(call='file'),
      apply_default_css=False,
      elem_id=f'{tab}-{place}',
      place=f'{tab}-{place}',
      kind=kind,
      title=title,
      words=words,
      accept=_ACCEPT[kind],
      examples=[list(example) for example in examples],
      records=records,
      crops=place in CROPS,
    )


def _add_settings(
  kinds: tuple[type, ...],
  without: Collection[str],
  defaults: Mapping[str, Any] | None = None,
) -> dict[str, gr.components.Component]:
  controls: dict[str, gr.components.Component] = {}
  with gr.Row(equal_height=False, elem_classes='settings'):
    for kind in kinds:
      controls |= make_controls(kind, without, defaults or {})
  return controls


def _add_result(task: str, call: str, words: str) -> gr.HTML:
  """Where a tab shows what comes of it; `words` say so until then."""
  return gr.HTML(
    None,
    html_template='<div></div>',
    head=_SCRIPT,
    js_on_load=_FORM.format(call=call),
    apply_default_css=False,
    elem_id=f'{task}-result',
    words=words,
  )


def _add_job(
  desk: Desk,
  task: str,
  label: str,
  boxes: dict[str, gr.HTML],
  controls: dict[str, Any],
  words: str,
) -> None:
  with gr.Row():
    begin = gr.Button(label, variant='primary', scale=3, elem_id=f'{task}-go')
    stop = gr.Button('Stop', scale=1, min_width=100)
  shown = _add_result(task, 'result', words)

  async def run(request: gr.Request, *given):
    files = dict(zip(boxes, given, strict=False))
    values = dict(zip(controls, given[len(boxes) :], strict=True))
    async for told in desk.run(task, request.cookies, files, values):
      yield told

  running = begin.click(
    run,
    [*boxes.values(), *controls.values()],
    shown,
    concurrency_limit=None,
    show_progress='hidden',
    trigger_mode='once',
    api_visibility='private',
  )
  stop.click(
    lambda: {'error': 'Stopped.'},
    None,
    shown,
    cancels=[running],
    queue=False,
    api_visibility='private',
  )
