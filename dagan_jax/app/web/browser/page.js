// What Gradio's own parts do not do: files that go by the page's own routes, a
// crop that can be moved, cameras, progress, and results. No address but that of
// the page itself is ever called.
(() => {
  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith('on')) made[name] = value;
      else if (value !== false && value != null)
        made.setAttribute(name, value === true ? '' : value);
    }
    made.append(...children);
    return made;
  };

  const time = (seconds) =>
    seconds < 90
      ? `${Math.max(1, Math.round(seconds))} s`
      : `${Math.round(seconds / 60)} min`;

  const tell = async (response) => {
    try {
      return (await response.json()).error;
    } catch {
      return `the server answered ${response.status}`;
    }
  };

  // A file: chosen, dropped, taken by a camera, or an example.
  // props.value: {token, crop}, or null where there is none.
  const file = (element, props) => {
    const { place, kind, accept, words, examples, records } = props;
    const said = make('p', { class: 'said', role: 'status' }, words);
    const input = make('input', {
      type: 'file',
      accept,
      'aria-label': props.title,
    });
    const stage = make('div', { class: 'stage' });
    const title = make('p', { class: 'title' }, props.title);
    const choose = make(
      'label',
      { class: 'choose' },
      'Choose a file',
      input,
    );
    const buttons = make('div', { class: 'buttons' }, choose);
    const root = make('div', { class: 'file' }, title, stage, said, buttons);
    element.replaceChildren(root);
    let address = null;

    const say = (line, isError = false) => {
      said.textContent = line;
      said.classList.toggle('error', isError);
    };
    const clear = () => {
      if (address) URL.revokeObjectURL(address);
      address = null;
      stage.replaceChildren();
    };
    const send = async (blob, name) => {
      clear();
      props.value = null;
      say('sending ...');
      const query = new URLSearchParams({ place, kind, name });
      let response;
      try {
        response = await fetch(`files?${query}`, { method: 'POST', body: blob });
      } catch {
        say('the server did not take the file; is it too large?', true);
        return;
      }
      if (!response.ok) {
        say(await tell(response), true);
        return;
      }
      const seen = await response.json();
      props.value = { token: seen.token, crop: null };
      show(seen, blob);
    };
    const show = (seen, blob) => {
      const about = [];
      if (seen.width) about.push(`${seen.width} x ${seen.height} pixels`);
      if (seen.seconds) about.push(time(seen.seconds));
      say(about.join(', ') || 'ready');
      if (seen.preview) {
        const picture = make('img', { src: seen.preview, alt: props.title });
        const frame = make('div', { class: 'frame' }, picture);
        stage.append(frame);
        if (props.crops) addBox(frame, seen);
      } else if (kind === 'sound') {
        address = URL.createObjectURL(blob);
        stage.append(make('audio', { controls: true, src: address }));
      }
    };
    const addBox = (frame, seen) => {
      const whole = Math.min(seen.width, seen.height);
      const centre = [
        (seen.width - whole) / 2,
        (seen.height - whole) / 2,
        whole,
      ];
      const choices = [['Centre', centre, 'none']];
      const keep = (crop) => {
        props.value = { ...props.value, crop };
      };
      if (seen.box) choices.unshift(['Face', seen.box, null]);
      // Of a video later frames may show a face.
      else if (!seen.seconds) keep('none');
      const box = make('div', { class: 'box', tabindex: 0 });
      box.setAttribute(
        'aria-label',
        'the part that is looked at: drag it, drag its corner, or use arrow keys',
      );
      const corner = make('div', { class: 'corner' });
      box.append(corner);
      frame.append(box);
      let at;
      const place = (square) => {
        at = square;
        box.style.left = `${(100 * at[0]) / seen.width}%`;
        box.style.top = `${(100 * at[1]) / seen.height}%`;
        box.style.width = `${(100 * at[2]) / seen.width}%`;
        box.style.height = `${(100 * at[2]) / seen.height}%`;
      };
      const move = (left, top, side) => {
        side = Math.max(16, Math.min(side, 2 * Math.max(seen.width, seen.height)));
        left = Math.max(-side / 2, Math.min(left, seen.width - side / 2));
        top = Math.max(-side / 2, Math.min(top, seen.height - side / 2));
        place([left, top, side].map(Math.round));
      };
      const keepMoved = () => keep(`${at[0]},${at[1]},${at[2]},${at[2]}`);
      let held = null;
      box.onpointerdown = (event) => {
        event.preventDefault();
        box.focus();
        held = {
          x: event.clientX,
          y: event.clientY,
          at: [...at],
          grows: event.target === corner,
        };
        box.setPointerCapture(event.pointerId);
      };
      box.onpointermove = (event) => {
        if (!held) return;
        const scale = seen.width / frame.clientWidth;
        const x = (event.clientX - held.x) * scale;
        const y = (event.clientY - held.y) * scale;
        const [left, top, side] = held.at;
        if (held.grows) move(left, top, side + Math.max(x, y));
        else move(left + x, top + y, side);
      };
      box.onpointerup = box.onpointercancel = () => {
        if (held) keepMoved();
        held = null;
      };
      box.onkeydown = (event) => {
        const step = Math.max(1, at[2] / 20);
        const moves = {
          ArrowLeft: [-step, 0, 0],
          ArrowRight: [step, 0, 0],
          ArrowUp: [0, -step, 0],
          ArrowDown: [0, step, 0],
          '+': [-step / 2, -step / 2, step],
          '-': [step / 2, step / 2, -step],
        }[event.key];
        if (!moves) return;
        event.preventDefault();
        move(...at.map((value, index) => value + moves[index]));
        keepMoved();
      };
      const row = make('div', { class: 'buttons small' }, 'Crop: drag the box, or');
      for (const [label, square, crop] of choices)
        row.append(
          make(
            'button',
            {
              type: 'button',
              onclick: () => {
                place(square);
                keep(crop);
              },
            },
            label,
          ),
        );
      stage.append(row);
      place(choices[0][1]);
    };

    input.onchange = () => {
      if (input.files[0]) send(input.files[0], input.files[0].name);
      input.value = '';
    };
    root.ondragover = (event) => {
      event.preventDefault();
      root.classList.add('over');
    };
    root.ondragleave = () => root.classList.remove('over');
    root.ondrop = (event) => {
      event.preventDefault();
      root.classList.remove('over');
      const [dropped] = event.dataTransfer.files;
      if (dropped) send(dropped, dropped.name);
    };
    for (const [label, path] of examples)
      buttons.append(
        make(
          'button',
          {
            type: 'button',
            class: 'example',
            onclick: async () => {
              const response = await fetch(path);
              send(await response.blob(), path.split('/').pop());
            },
          },
          label,
        ),
      );
    if (records && navigator.mediaDevices)
      buttons.append(recorder(records, clear, stage, say, send));
  };

  // A button that takes a picture, a video or a voice.
  const recorder = (records, clear, stage, say, send) => {
    const labels = {
      picture: ['Camera', 'Take the picture'],
      video: ['Camera', 'Stop'],
      sound: ['Microphone', 'Stop'],
    }[records];
    const button = make('button', { type: 'button' }, labels[0]);
    let finish = null;
    const begin = async () => {
      const sees = records !== 'sound';
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          video: sees,
          audio: records !== 'picture',
        });
      } catch (error) {
        if (records === 'video' && error.name === 'NotFoundError') {
          stream = await navigator.mediaDevices
            .getUserMedia({ video: true })
            .catch(() => null);
        }
        if (!stream) {
          say(`no ${sees ? 'camera' : 'microphone'}: ${error.message}`, true);
          return;
        }
      }
      clear();
      const end = () => {
        stream.getTracks().forEach((track) => track.stop());
        button.textContent = labels[0];
        finish = null;
      };
      button.textContent = labels[1];
      const video = make('video', { muted: true, playsinline: true });
      if (sees) {
        video.muted = true;
        video.srcObject = stream;
        stage.append(make('div', { class: 'frame' }, video));
        await video.play();
      }
      if (records === 'picture') {
        say('look into the camera');
        finish = () => {
          const canvas = make('canvas', {
            width: video.videoWidth,
            height: video.videoHeight,
          });
          canvas.getContext('2d').drawImage(video, 0, 0);
          end();
          canvas.toBlob((blob) => send(blob, 'camera.png'));
        };
        return;
      }
      say('recording ...');
      const pieces = [];
      const media = new MediaRecorder(stream);
      media.ondataavailable = (event) => pieces.push(event.data);
      media.onstop = () => {
        end();
        send(new Blob(pieces, { type: media.mimeType }), 'recording.webm');
      };
      media.start();
      finish = () => media.stop();
    };
    button.onclick = () => (finish ? finish() : begin());
    return button;
  };

  // What becomes of a job: props.value is what `results.py` tells.
  const result = (element, props, watch) => {
    const root = make('div', { class: 'result', role: 'status' });
    element.replaceChildren(root);
    let shown = null;
    const link = (label, address) =>
      make('a', { href: `${address}?download=1`, download: true }, label);
    const show = () => {
      const told = props.value ?? {};
      if (told.error) {
        root.replaceChildren(make('p', { class: 'error' }, told.error));
        shown = null;
        return;
      }
      if (told.stage) {
        const bar = make('progress', { max: 1, 'aria-label': told.stage });
        if (told.share != null) bar.value = told.share;
        root.replaceChildren(make('p', {}, told.stage), bar);
        shown = null;
        return;
      }
      const files = told.files;
      if (!files) {
        root.replaceChildren(make('p', { class: 'empty' }, props.words));
        return;
      }
      if (shown === JSON.stringify(files)) return;
      shown = JSON.stringify(files);
      root.replaceChildren();
      const videos = ['video', 'second']
        .filter((name) => files[name])
        .map((name) =>
          make('video', {
            src: files[name],
            controls: true,
            loop: true,
            playsinline: true,
          }),
        );
      root.append(make('div', { class: 'videos' }, ...videos));
      if (videos.length === 2) together(...videos);
      if (files.picture) root.append(make('img', { src: files.picture, alt: 'depth' }));
      const links = make('p', { class: 'links' });
      const labels = {
        video: videos.length === 2 ? 'Download A' : 'Download the video',
        second: 'Download B',
        picture: 'Download the picture',
        cloud: 'Download the point cloud (.ply)',
      };
      for (const [name, label] of Object.entries(labels))
        if (files[name]) links.append(link(label, files[name]), ' ');
      root.append(links);
      for (const note of told.notes ?? [])
        root.append(make('p', { class: 'note' }, note));
      videos[0]?.play().catch(() => {});
    };
    watch('value', show);
    show();
  };

  // Two videos that play as one: the second does what the first is told to.
  const together = (first, second) => {
    second.controls = false;
    second.muted = true;
    const meet = () => {
      if (Math.abs(second.currentTime - first.currentTime) > 0.05)
        second.currentTime = first.currentTime;
    };
    first.onplay = () => second.play().catch(() => {});
    first.onpause = () => second.pause();
    first.onseeked = first.ontimeupdate = meet;
  };

  // A camera that moves a portrait: props.value is what to begin with.
  const live = (element, props, watch) => {
    const root = make('div', { class: 'result' });
    element.replaceChildren(root);
    let end = () => {};
    const say = (line, isError) =>
      root.replaceChildren(make('p', { class: isError ? 'error' : 'empty' }, line));
    say(props.words);
    const begin = async () => {
      const asked = props.value;
      if (!asked?.begun) return;
      end();
      if (!asked.portrait) return say('portrait: choose a file first', true);
      if (!navigator.mediaDevices)
        return say('browsers give cameras only to https and to 127.0.0.1', true);
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          video: { width: { ideal: 640 }, height: { ideal: 480 } },
        });
      } catch (error) {
        return say(`no camera: ${error.message}`, true);
      }
      say('getting ready; the first time takes some seconds ...');
      const peer = new RTCPeerConnection({ iceServers: [] });
      const stop = (line, isError) => {
        peer.close();
        stream.getTracks().forEach((track) => track.stop());
        end = () => {};
        if (line) say(line, isError);
      };
      end = stop;
      const channel = peer.createDataChannel('words');
      stream.getTracks().forEach((track) => peer.addTrack(track, stream));
      peer.ontrack = (event) => show(event.streams[0] ?? new MediaStream([event.track]));
      peer.onconnectionstatechange = () => {
        if (['failed', 'disconnected', 'closed'].includes(peer.connectionState))
          stop('The camera has ended.');
      };
      const show = (moved) => {
        const video = (source, label) => {
          const made = make('video', { playsinline: true, 'aria-label': label });
          made.muted = true;
          made.autoplay = true;
          made.srcObject = source;
          return made;
        };
        const pace = make('p', { class: 'pace' }, '');
        const rest = make('button', { type: 'button' }, 'This pose is rest');
        const halt = make('button', { type: 'button' }, 'Stop');
        rest.onclick = () => channel.readyState === 'open' && channel.send('rest');
        halt.onclick = () => stop('Stopped.');
        channel.onmessage = (event) => (pace.textContent = event.data);
        const own = video(stream, 'you');
        own.classList.add('own');
        root.replaceChildren(
          make('div', { class: 'videos' }, own, video(moved, 'the portrait')),
          make('div', { class: 'buttons' }, rest, halt),
          pace,
        );
      };
      try {
        await peer.setLocalDescription(await peer.createOffer());
        await new Promise((done) => {
          if (peer.iceGatheringState === 'complete') return done();
          peer.onicegatheringstatechange = () =>
            peer.iceGatheringState === 'complete' && done();
          setTimeout(done, 2000);
        });
        const response = await fetch('live', {
          method: 'POST',
          body: JSON.stringify({
            sdp: peer.localDescription.sdp,
            portrait: asked.portrait,
            values: asked.values,
          }),
        });
        if (!response.ok) return stop(await tell(response), true);
        if (peer.connectionState === 'closed') return;
        await peer.setRemoteDescription(await response.json());
      } catch (error) {
        stop(`the camera cannot be used: ${error.message}`, true);
      }
    };
    watch('value', begin);
  };

  // By a link of our own: Gradio would make every rule one of what lies inside
  // of its column, and the column itself has to be narrow on a phone.
  document.head.append(
    make('link', { rel: 'stylesheet', href: 'page/page.css' }),
  );

  window.dagan = { file, result, live };
})();
