"""OpenAI's client for Python against an edge: prints what it heard, and what it raised, as JSON.

usage: OPENAI_API_KEY=... READER_KEY=... POOR_KEY=... python openai_client.py BASE_URL LONG_TEXT
"""

import asyncio
import base64
import json
import os
import sys
import tempfile

import openai

ORDER = {"model": "tts-1", "voice": "alloy", "input": "Hello, my dog is cute."}
MAGIC_BYTES = {"mp3": 3, "opus": 4, "aac": 3, "flac": 4, "wav": 4, "pcm": 0}


def formats(client):
    heard = {}
    for name, length in MAGIC_BYTES.items():
        content = client.audio.speech.create(**ORDER, response_format=name).content
        assert len(content) > 2000, name
        heard[name] = content[:length].decode("latin1")
    return heard


def events(client):
    plain = client.audio.speech.create(**ORDER).content
    parts, kinds = [], []
    with client.audio.speech.with_streaming_response.create(**ORDER, stream_format="sse") as response:
        for line in response.iter_lines():
            if not line.startswith("data: "):
                continue
            event = json.loads(line[len("data: ") :])
            if event["type"] not in kinds:
                kinds.append(event["type"])
            if event["type"] == "speech.audio.delta":
                parts.append(base64.b64decode(event["audio"]))
    return {"kinds": kinds, "same": b"".join(parts) == plain}


def half(client):
    lengths = [
        len(client.audio.speech.create(**ORDER, response_format="pcm", speed=speed).content)
        for speed in (1, 2)
    ]
    return lengths[1] / lengths[0]


def seed(client):
    raw = client.audio.speech.with_raw_response.create(**ORDER, extra_body={"seed": 7})
    return raw.headers["x-seed"]


def file(client):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "speech.flac")
        with client.audio.speech.with_streaming_response.create(
            **ORDER, response_format="flac"
        ) as response:
            response.stream_to_file(path)
        with open(path, "rb") as written:
            return written.read(4).decode("latin1")


async def in_async(base_url):
    async with openai.AsyncOpenAI(base_url=base_url, max_retries=0) as client:
        async with client.audio.speech.with_streaming_response.create(**ORDER) as response:
            async for chunk in response.iter_bytes():
                return chunk[:3].decode("latin1")


def errors(client):
    cases = {
        "speed": (client, {"speed": 9}),
        "voice": (client, {"voice": "nobody"}),
        "long": (client, {"input": "a" * 4097}),
        "key": (client.with_options(api_key="bk_wrong"), {}),
        "scope": (client.with_options(api_key=os.environ["READER_KEY"]), {}),
        "budget": (client.with_options(api_key=os.environ["POOR_KEY"]), {}),
    }
    raised = {}
    for name, (asking, fields) in cases.items():
        try:
            asking.audio.speech.create(**{**ORDER, **fields})
        except openai.APIStatusError as error:
            raised[name] = [type(error).__name__, error.status_code, error.code, error.param]
    return raised


def leave(client, text):
    with client.audio.speech.with_streaming_response.create(**{**ORDER, "input": text}) as response:
        next(response.iter_bytes(1024))


def main():
    base_url, long_text = sys.argv[1:]
    client = openai.OpenAI(base_url=base_url, max_retries=0)
    told = {
        "formats": formats(client),
        "events": events(client),
        "half": half(client),
        "seed": seed(client),
        "file": file(client),
        "async": asyncio.run(in_async(base_url)),
        "models": [model.id for model in client.models.list()],
        "errors": errors(client),
    }
    leave(client, long_text)
    print(json.dumps(told))


main()
