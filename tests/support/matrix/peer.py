#!/usr/bin/env python3
"""A person at the other end of Herald's Matrix tests: matrix-nio with encryption, none of Herald's own code.

Run: peer.py --homeserver URL --user NAME --password PW --store DIR [--device NAME]
JSON commands come in on stdin, one a line, JSON events go out on stdout; the end of stdin, or {"do":"quit"}, ends it.

Every command is a `do_` method below, see commands.py.

Events are reported as often as the server gives them, never deduplicated: the tests count. Left out are what this
device did itself (another device of the same user is reported), room state except memberships, and reads by the user.
A directory --store that was used before continues the same device where it stopped.
"""

import argparse
import asyncio
import base64
import hashlib
import io
import json
import sys
import time
from pathlib import Path
from uuid import uuid4

from commands import emit, obey
from nio import (
    Api,
    AsyncClient,
    AsyncClientConfig,
    EncryptionError,
    ErrorResponse,
    InviteMemberEvent,
    KeyVerificationCancel,
    KeyVerificationEvent,
    KeyVerificationKey,
    KeyVerificationMac,
    KeyVerificationStart,
    MatrixInvitedRoom,
    MegolmEvent,
    ReceiptEvent,
    RoomPreset,
    SyncError,
    SyncResponse,
    ToDeviceMessage,
    TypingNoticeEvent,
    UnknownToDeviceEvent,
)
from nio.crypto import olm_machine
from nio.crypto.attachments import decrypt_attachment
from nio.crypto.sas import Sas

ENCRYPTION = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
VOICE = "org.matrix.msc3245.voice"
AUDIO = "org.matrix.msc1767.audio"
TEXT = "org.matrix.msc1767.text"
POLL = "org.matrix.msc3381.poll"
#: Seconds a message may wait for its key before it counts as undecryptable.
KEY_PATIENCE = 5
#: More than any test sends while the peer looks away: a gap in the timeline would hide events.
SYNC_FILTER = {"room": {"timeline": {"limit": 200}}}


class SpecifiedSas(Sas):
    """nio 0.26 verifies only against itself: commitment, MAC name and emoji differ from the specification."""

    @staticmethod
    def commit(key, start):
        digest = hashlib.sha256((key + Api.to_canonical_json(start)).encode()).digest()
        return base64.b64encode(digest).decode().rstrip("=")

    @classmethod
    def from_key_verification_start(cls, user, device, key, other, event):
        sas = super().from_key_verification_start(user, device, key, other, event)
        sas.commitment = cls.commit(sas.pubkey, event.source["content"])
        return sas

    def _check_commitment(self, key):
        return self.commitment == self.commit(key, self.start_verification().content)

    def get_emoji(self):
        return [self.emoji[index] for index in self.established_sas.bytes(self._extra_info).emoji_indices]


# What nio computes is version 2 of the MAC, under the name of version 1.
Sas._mac_normal = "hkdf-hmac-sha256.v2"
Sas._mac_v1 = [Sas._mac_normal]
olm_machine.Sas = SpecifiedSas


def checked(response):
    if isinstance(response, ErrorResponse):
        raise RuntimeError(f"{response.status_code or ''} {response.message}".strip())
    return response


class Peer:
    def __init__(self, client):
        self.client = client
        #: Encrypted events whose key has not come yet.
        self.waiting = []
        #: The verifications that began with a request, each with the start message to send if the request is ours.
        self.requests = {}
        #: The verification whose emoji were shown last.
        self.shown = None
        client.add_event_callback(self.on_event, None)
        client.add_ephemeral_callback(self.on_receipt, ReceiptEvent)
        client.add_ephemeral_callback(self.on_typing, TypingNoticeEvent)
        client.add_to_device_callback(self.on_verification, KeyVerificationEvent)
        client.add_to_device_callback(self.on_request, UnknownToDeviceEvent)
        client.add_response_callback(self.on_sync, SyncResponse)
        client.add_response_callback(self.on_sync_error, SyncError)

    # Rooms.

    async def create(self, **options):
        room = checked(await self.client.room_create(initial_state=[ENCRYPTION], **options)).room_id
        await self.known(room)
        return {"room": room}

    async def do_dm(self, user):
        return await self.create(is_direct=True, preset=RoomPreset.trusted_private_chat, invite=[user])

    async def do_group(self, users, name):
        return await self.create(name=name, preset=RoomPreset.private_chat, invite=users)

    async def do_join(self, room):
        checked(await self.client.join(room))

    async def do_leave(self, room):
        checked(await self.client.room_leave(room))

    async def do_members(self, room):
        members = checked(await self.client.joined_members(room)).members
        return {"members": [{"user": member.user_id, "name": member.display_name} for member in members]}

    async def do_display_name(self, name):
        checked(await self.client.set_displayname(name))

    # Messages.

    async def known(self, room):
        """The room, as soon as a sync has told of it: before, nio would not know that it is encrypted."""
        while room not in self.client.rooms:
            await asyncio.sleep(0.02)
        return self.client.rooms[room]

    async def send(self, room, type, content):
        known = await self.known(room)
        if known.encrypted:
            # nio asks for the keys of new members and devices at its next sync, too late for this message.
            self.client.olm.update_tracked_users(known)
            if self.client.should_query_keys:
                checked(await self.client.keys_query())
        sent = await self.client.room_send(room, type, content, ignore_unverified_devices=True)
        return {"event_id": checked(sent).event_id}

    async def say(self, msgtype, room, body, reply_to=None):
        content = {"msgtype": msgtype, "body": body}
        if reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        return await self.send(room, "m.room.message", content)

    async def do_text(self, room, body, reply_to=None):
        return await self.say("m.text", room, body, reply_to)

    async def do_notice(self, room, body, reply_to=None):
        return await self.say("m.notice", room, body, reply_to)

    async def do_emote(self, room, body, reply_to=None):
        return await self.say("m.emote", room, body, reply_to)

    async def do_edit(self, room, to, body):
        content = {
            "msgtype": "m.text",
            "body": f"* {body}",
            "m.new_content": {"msgtype": "m.text", "body": body},
            "m.relates_to": {"rel_type": "m.replace", "event_id": to},
        }
        return await self.send(room, "m.room.message", content)

    async def do_voice(self, room, file, duration_ms, mimetype="audio/ogg"):
        data = Path(file).read_bytes()
        encrypt = (await self.known(room)).encrypted
        uploaded, keys = await self.client.upload(
            io.BytesIO(data), mimetype, encrypt=encrypt, filesize=len(data)
        )
        url = checked(uploaded).content_uri
        content = {
            "msgtype": "m.audio",
            "body": "Voice message",
            "info": {"duration": duration_ms, "mimetype": mimetype, "size": len(data)},
            AUDIO: {"duration": duration_ms, "waveform": [0, 512, 1024, 512, 0]},
            VOICE: {},
            **({"file": {**keys, "url": url}} if encrypt else {"url": url}),
        }
        return await self.send(room, "m.room.message", content)

    async def do_poll(self, room, question, answers, stable=False):
        """As today's clients send it, or under the stable names that no client sends yet."""

        def text(body):
            return {"m.text": [{"body": body}]} if stable else {TEXT: body}

        if stable:
            start, poll, kind, answer_id = "m.poll.start", "m.poll", "m.disclosed", "m.id"
        else:
            start, poll, kind, answer_id = f"{POLL}.start", f"{POLL}.start", f"{POLL}.disclosed", "id"
        listing = "".join(f"\n{number}. {answer}" for number, answer in enumerate(answers, 1))
        content = text(question + listing) | {
            poll: {
                "question": text(question),
                "kind": kind,
                "max_selections": 1,
                "answers": [{answer_id: f"a{number}"} | text(answer) for number, answer in enumerate(answers, 1)],
            }
        }
        return await self.send(room, start, content)

    async def do_location(self, room, body, geo_uri):
        content = {
            "msgtype": "m.location",
            "body": body,
            "geo_uri": geo_uri,
            "org.matrix.msc3488.location": {"uri": geo_uri, "description": body},
            "org.matrix.msc3488.asset": {"type": "m.pin"},
        }
        return await self.send(room, "m.room.message", content)

    async def do_raw(self, room, type, content):
        """Any event, encrypted if the room is. Reactions stay in the clear, as in every client."""
        return await self.send(room, type, content)

    async def do_raw_clear(self, room, type, content):
        method, path, data = Api.room_send(self.client.access_token, room, type, content, uuid4())
        answer = await (await self.client.send(method, path, data)).json()
        if "event_id" not in answer:
            raise RuntimeError(f"{answer.get('errcode')} {answer.get('error')}")
        return {"event_id": answer["event_id"]}

    async def do_react(self, room, to, key):
        relation = {"rel_type": "m.annotation", "event_id": to, "key": key}
        return await self.send(room, "m.reaction", {"m.relates_to": relation})

    async def do_redact(self, room, to):
        return {"event_id": checked(await self.client.room_redact(room, to)).event_id}

    async def do_read(self, room, to):
        checked(await self.client.update_receipt_marker(room, to))

    async def do_typing(self, room, on=True):
        checked(await self.client.room_typing(room, on))

    # What comes in.

    async def on_event(self, room, event):
        if isinstance(room, MatrixInvitedRoom):
            await self.on_invite(room, event)
        elif isinstance(event, MegolmEvent):
            self.waiting.append(event)
            asyncio.get_running_loop().call_later(KEY_PATIENCE, self.give_up, room.room_id, event)
        else:
            await self.report(room.room_id, event)

    async def on_invite(self, room, event):
        is_for_us = isinstance(event, InviteMemberEvent) and event.state_key == self.client.user_id
        if is_for_us and event.membership == "invite":
            emit("invite", room=room.room_id, sender=event.sender)
            checked(await self.client.join(room.room_id))
            emit("joined", room=room.room_id)

    def give_up(self, room, event):
        if event in self.waiting:
            emit("undecryptable", room=room, id=event.event_id, sender=event.sender)

    async def on_sync(self, response):
        """Keys come as messages to the device: then is the time to try again, however late."""
        for event in list(self.waiting) if response.to_device_events else []:
            try:
                decrypted = self.client.decrypt_event(event)
            except EncryptionError:
                continue
            self.waiting.remove(event)
            await self.report(event.room_id, decrypted)

    async def on_sync_error(self, error):
        """nio would sync again at once, and again; a lost session is final."""
        print(f"sync: {error}", file=sys.stderr)
        if error.status_code == "M_UNKNOWN_TOKEN":
            raise RuntimeError("the session has ended")
        await asyncio.sleep(0.5)

    async def report(self, room, event):
        source = event.source
        type, content, sender = source["type"], source["content"], source["sender"]
        relation = content.get("m.relates_to", {})
        common = {"room": room, "sender": sender, "id": source["event_id"]}
        encrypted = getattr(event, "decrypted", False)
        if type == "m.room.member":
            user = source["state_key"]
            if sender != self.client.user_id:
                name = content.get("displayname")
                emit("membership", **common, user=user, membership=content["membership"], name=name)
        elif "state_key" in source or "transaction_id" in source.get("unsigned", {}):
            pass
        elif type == "m.room.message" and VOICE in content:
            await self.report_voice(common, content, encrypted)
        elif type == "m.room.message" and "msgtype" in content:
            optional = {
                "reply_to": relation.get("m.in_reply_to", {}).get("event_id"),
                "replaces": relation.get("event_id") if relation.get("rel_type") == "m.replace" else None,
                "new_body": content.get("m.new_content", {}).get("body"),
                "formatted": content.get("formatted_body"),
            }
            given = {name: value for name, value in optional.items() if value is not None}
            emit(
                "message",
                **common,
                type=content["msgtype"],
                body=content.get("body"),
                encrypted=encrypted,
                **given,
                content=content,
            )
        elif type == "m.reaction" and "key" in relation:
            emit("reaction", **common, to=relation["event_id"], key=relation["key"])
        elif type == "m.room.redaction":
            # Where the id stands depends on the version of the room.
            emit("redaction", **common, to=source.get("redacts") or content.get("redacts"))
        else:
            emit("unknown", **common, type=type, content=content, encrypted=encrypted)

    async def report_voice(self, common, content, encrypted):
        file = content.get("file")
        data = checked(await self.client.download(mxc=file["url"] if file else content["url"])).body
        if file:
            data = decrypt_attachment(data, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        path = Path(self.client.store_path, f"{len(data)}.ogg")
        path.write_bytes(data)
        emit(
            "voice",
            **common,
            path=str(path),
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            duration_ms=content.get("info", {}).get("duration"),
            mimetype=content.get("info", {}).get("mimetype"),
            encrypted=encrypted,
            content=content,
        )

    async def on_receipt(self, room, event):
        for receipt in event.receipts:
            if receipt.user_id != self.client.user_id:
                emit("receipt", room=room.room_id, user=receipt.user_id, to=receipt.event_id)

    async def on_typing(self, room, event):
        users = [user for user in event.users if user != self.client.user_id]
        emit("typing", room=room.room_id, users=users)

    # Verification, by messages from device to device.

    async def device(self, user, device):
        """A device of a user, asked for if it is new."""
        if device not in self.client.device_store[user]:
            self.client.users_for_key_query.add(user)
            checked(await self.client.keys_query())
        return self.client.device_store[user][device]

    async def tell(self, user, device, type, **content):
        checked(await self.client.to_device(ToDeviceMessage(f"m.key.verification.{type}", user, device, content)))

    async def do_verify(self, user, device, bare=False):
        """Asks first, as clients do now, or starts at once (`bare`), as they used to."""
        start = self.client.create_key_verification(await self.device(user, device))
        if bare:
            checked(await self.client.to_device(start))
            return
        transaction = start.content["transaction_id"]
        self.requests[transaction] = start
        await self.tell(
            user,
            device,
            "request",
            transaction_id=transaction,
            from_device=self.client.device_id,
            methods=["m.sas.v1"],
            timestamp=int(time.time() * 1000),
        )

    async def do_sas_confirm(self):
        sas = self.client.key_verifications[self.shown]
        checked(await self.client.confirm_short_auth_string(self.shown))
        await self.finish(sas)

    async def do_sas_reject(self):
        checked(await self.client.cancel_key_verification(self.shown, reject=True))

    async def on_request(self, event):
        content = event.source["content"]
        transaction, device = content.get("transaction_id"), content.get("from_device")
        if event.type == "m.key.verification.request":
            self.requests[transaction] = None
            await self.device(event.sender, device)
            await self.tell(
                event.sender,
                device,
                "ready",
                transaction_id=transaction,
                from_device=self.client.device_id,
                methods=["m.sas.v1"],
            )
        elif event.type == "m.key.verification.ready" and self.requests.get(transaction):
            checked(await self.client.to_device(self.requests[transaction]))

    async def on_verification(self, event):
        if isinstance(event, KeyVerificationCancel):
            emit("sas_cancelled", code=event.code, reason=event.reason)
            return
        if isinstance(event, KeyVerificationStart) and event.transaction_id not in self.client.key_verifications:
            # nio drops the start of a device that it does not know yet.
            await self.device(event.sender, event.from_device)
            self.client.olm.handle_key_verification(event)
        sas = self.client.key_verifications.get(event.transaction_id)
        if sas is None or sas.canceled:
            emit("sas_cancelled", code=sas and sas.cancel_code, reason=sas and sas.cancel_reason)
        elif isinstance(event, KeyVerificationStart):
            checked(await self.client.accept_key_verification(event.transaction_id))
        elif isinstance(event, KeyVerificationKey):
            self.shown = event.transaction_id
            symbols, names = zip(*sas.get_emoji())
            other = sas.other_olm_device
            emit(
                "sas",
                user=other.user_id,
                device=other.id,
                emoji=symbols,
                names=names,
                decimals=sas.get_decimals(),
            )
        elif isinstance(event, KeyVerificationMac):
            await self.finish(sas)

    async def finish(self, sas):
        """Ends, once, a verification that both have confirmed, whoever was first."""
        # Forgotten: nio would cancel even a finished one when the next one with the same device starts.
        if sas.verified and self.client.key_verifications.pop(sas.transaction_id, None):
            other = sas.other_olm_device
            if sas.transaction_id in self.requests:
                await self.tell(other.user_id, other.id, "done", transaction_id=sas.transaction_id)
            emit("verified", user=other.user_id, device=other.id)

    async def live(self):
        await self.client.synced.wait()
        emit("ready", user_id=self.client.user_id, device_id=self.client.device_id)
        await obey(self)


async def log_in(client, password, device, session):
    """Continues the device of the stored session, if there is one: a new login would be a new device."""
    if session.exists():
        client.restore_login(**json.loads(session.read_text()))
        return
    checked(await client.login(password, device_name=device))
    names = ("user_id", "device_id", "access_token")
    session.write_text(json.dumps({name: getattr(client, name) for name in names}))


async def main(options):
    options.store.mkdir(parents=True, exist_ok=True)
    # A server that is away for a while is asked again every second.
    config = AsyncClientConfig(store_sync_tokens=True, max_timeout_retry_wait_time=1)
    client = AsyncClient(options.homeserver, options.user, store_path=str(options.store), config=config)
    try:
        await log_in(client, options.password, options.device, options.store / "session.json")
        peer = Peer(client)
        living = asyncio.create_task(peer.live())
        syncing = asyncio.create_task(client.sync_forever(30_000, SYNC_FILTER, full_state=True))
        ended, running = await asyncio.wait({living, syncing}, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()
        for task in ended:
            task.result()
    finally:
        await client.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--homeserver", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--store", required=True, type=Path)
    parser.add_argument("--device", default="peer")
    asyncio.run(main(parser.parse_args()))
