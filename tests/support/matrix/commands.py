"""What the Python programs of Herald's Matrix tests have in common: JSON commands in, JSON events out.

A command {"do":"text","tag":1,...} on stdin calls `do_text` of the actor with its other fields as parameters.
It is answered by {"event":"done","tag":1} with the results, or by "failed" with the error; then the next one is read.
"""

import asyncio
import json
import sys


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


async def obey(actor):
    """Carries out the commands on stdin until it ends or one says {"do":"quit"}."""
    lines = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        command = json.loads(line)
        tag = command.pop("tag", None)
        name = command.pop("do")
        if name == "quit":
            return
        try:
            result = await getattr(actor, f"do_{name}")(**command)
            emit("done", tag=tag, **(result or {}))
        except Exception as error:
            emit("failed", tag=tag, error=f"{error.__class__.__name__}: {error}")
