#!/usr/bin/env python3
"""A bridge to another network for Herald's Matrix tests: an application service with ghosts (@fb_*) and a bot (@fbbot).

First `bridge.py --port N --write FILE` writes the registration that the homeserver needs at its start, then
`bridge.py --port N --registration FILE --homeserver URL` runs it: JSON commands on stdin, JSON events on stdout.

Every command is a `do_` method below, see commands.py. Nothing is encrypted, and what the bridge's own users do is not
reported. Events are never deduplicated; only a whole transaction that the homeserver repeats, under the same id, counts
once, as the protocol wants it.
"""

import argparse
import asyncio
import secrets
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import yaml
from aiohttp import ClientSession, web
from commands import emit, obey

BOT = "fbbot"
GHOSTS = "@fb_.*"


def registration(port):
    return {
        "id": "fake-bridge",
        "url": f"http://127.0.0.1:{port}",
        "as_token": secrets.token_hex(16),
        "hs_token": secrets.token_hex(16),
        "sender_localpart": BOT,
        "rate_limited": False,
        "namespaces": {"users": [{"exclusive": True, "regex": GHOSTS}], "aliases": [], "rooms": []},
    }


class Bridge:
    def __init__(self, session, options):
        self.session = session
        self.homeserver = options.homeserver
        self.tokens = yaml.safe_load(options.registration.read_text())
        #: Transactions the homeserver has delivered.
        self.delivered = set()

    # To the homeserver.

    async def call(self, method, path, user, body):
        headers = {"Authorization": f"Bearer {self.tokens['as_token']}"}
        url = f"{self.homeserver}/_matrix/client/v3/{path}"
        params = {"user_id": user} if user else {}
        async with self.session.request(method, url, json=body, headers=headers, params=params) as response:
            answer = await response.json()
        if "errcode" in answer:
            raise RuntimeError(f"{answer['errcode']} {answer.get('error')}")
        return answer

    async def register(self, name):
        """The full id of one of our users, who may exist already."""
        try:
            body = {"type": "m.login.application_service", "username": name, "inhibit_login": True}
            return (await self.call("POST", "register", None, body))["user_id"]
        except RuntimeError as error:
            if "M_USER_IN_USE" not in str(error):
                raise
            return f"@{name}:{self.domain}"

    async def start(self):
        whoami = await self.call("GET", "account/whoami", None, None)
        self.domain = whoami["user_id"].partition(":")[2]
        self.bot = await self.register(BOT)

    async def do_portal(self, ghost, display, **owner):
        """A room with one contact of the other network, made as real bridges do: by the ghost, with the bot in it."""
        user = await self.register(ghost)
        await self.call("PUT", f"profile/{quote(user)}/displayname", user, {"displayname": display})
        content = {
            "bridgebot": self.bot,
            "protocol": {"id": "facebook", "displayname": "Facebook Messenger"},
            "channel": {"id": ghost, "displayname": display},
        }
        body = {
            "preset": "private_chat",
            "is_direct": True,
            "invite": [self.bot, owner["for"]],
            "initial_state": [{"type": "m.bridge", "state_key": f"fake-bridge/{ghost}", "content": content}],
        }
        room = (await self.call("POST", "createRoom", user, body))["room_id"]
        await self.call("POST", f"join/{quote(room)}", self.bot, {})
        return {"room": room, "ghost": user}

    async def say(self, room, user, msgtype, body):
        path = f"rooms/{quote(room)}/send/m.room.message/{uuid4()}"
        return await self.call("PUT", path, user, {"msgtype": msgtype, "body": body})

    async def do_text(self, room, ghost, body):
        return await self.say(room, f"@{ghost}:{self.domain}", "m.text", body)

    async def do_notice(self, room, body):
        return await self.say(room, self.bot, "m.notice", body)

    # From the homeserver.

    async def on_transaction(self, request):
        if request.headers.get("Authorization") != f"Bearer {self.tokens['hs_token']}":
            return web.json_response({"errcode": "M_FORBIDDEN"}, status=403)
        transaction = request.match_info["transaction"]
        if transaction not in self.delivered:
            self.delivered.add(transaction)
            for event in (await request.json())["events"]:
                self.report(event)
        return web.json_response({})

    async def on_query(self, _request):
        """Is there a user or a room of that name: none but those we made ourselves."""
        return web.json_response({"errcode": "M_NOT_FOUND"}, status=404)

    def report(self, event):
        type, content, sender = event["type"], event["content"], event["sender"]
        common = {"room": event["room_id"], "sender": sender, "id": event["event_id"]}
        if sender == self.bot or sender.startswith("@fb_"):
            return
        if type == "m.room.message":
            emit("message", **common, type=content.get("msgtype"), body=content.get("body"), content=content)
        elif type == "m.room.member":
            emit("membership", **common, user=event["state_key"], membership=content["membership"])
        else:
            emit("unknown", **common, type=type, content=content)


async def main(options):
    async with ClientSession() as session:
        bridge = Bridge(session, options)
        app = web.Application(client_max_size=1 << 24)
        app.router.add_put("/_matrix/app/v1/transactions/{transaction}", bridge.on_transaction)
        app.router.add_get("/_matrix/app/v1/{kind:users|rooms}/{name}", bridge.on_query)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", options.port).start()
        await bridge.start()
        emit("ready", bot=bridge.bot)
        await obey(bridge)
        await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--registration", type=Path)
    parser.add_argument("--homeserver")
    given = parser.parse_args()
    if given.write:
        given.write.write_text(yaml.safe_dump(registration(given.port)))
    else:
        asyncio.run(main(given))
