"""Calls between two processes, either of which may call the other while it waits: the examiner and the answer.

Belongs here: messages, handles for what is not plain, and serving calls. Does not belong here: which of a program's
names are looked at, or what its results mean. Nothing is trusted: a message that is not one ends the talk.
"""

from __future__ import annotations

import builtins
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any

from .codec import Malformed, NotPlain, decode, dumps, encode, loads

MOST_FRAME_BYTES = 64 * 2**20
_MOST_HANDLES = 100_000


class Gone(BaseException):
    """The other side is no longer there. A BaseException, so that no test takes it for an answer's error."""


class Uncarried(Exception):
    """A result cannot be carried out of the answer's process; the message says why."""


class Raised(Exception):
    """The other side raised: its class name, the names of that class's bases, and the message."""

    def __init__(self, name: str, bases: list[str], message: str) -> None:
        super().__init__(name, bases, message)
        self.name, self.bases, self.message = name, bases, message


class Connection:
    """Framed messages over one socket."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def send(self, message: Any) -> None:
        """Send one message.

        Raises:
            Gone: nobody is there.
            NotPlain: the message is larger than a frame may be.
        """
        content = dumps(message)
        if len(content) > MOST_FRAME_BYTES:
            raise NotPlain(f"a value of {len(content)} bytes is more than is carried ({MOST_FRAME_BYTES})")
        try:
            self._channel.sendall(struct.pack(">I", len(content)) + content)
        except OSError:
            raise Gone from None

    def receive(self) -> Any:
        """The next message.

        Raises:
            Gone: there is none and will be none, or what came was no message.
        """
        try:
            (length,) = struct.unpack(">I", self._exactly(4))
            if length > MOST_FRAME_BYTES:
                raise Gone
            return loads(self._exactly(length))
        except (OSError, Malformed):
            raise Gone from None

    def _exactly(self, length: int) -> bytes:
        chunks = bytearray()
        while len(chunks) < length:
            chunk = self._channel.recv(min(length - len(chunks), 2**20))
            if not chunk:
                raise Gone
            chunks += chunk
        return bytes(chunks)


class Peer:
    """One side of the talk. `perform` does what the other side asks; `opened` makes of its handles something usable."""

    def __init__(
        self,
        channel: socket.socket,
        side: str,
        perform: Callable[[Peer, dict[str, Any]], Any],
        opened: Callable[[Peer, int, str, str], Any],
        handle_of: Callable[[Any], bool],
    ) -> None:
        self._connection = Connection(channel)
        self._side = side
        self._perform = perform
        self._opened = opened
        self._may_be_handle = handle_of
        self._held: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}

    def held(self, number: Any) -> Any:
        """The object behind one of this side's handles."""
        if not isinstance(number, int) or number not in self._held:
            raise Malformed("no such handle")
        return self._held[number]

    def coded(self, value: Any) -> Any:
        """Encode, with handles for what is not plain."""
        return encode(value, self._handle)

    def value(self, coded: Any) -> Any:
        """Decode, with the other side's handles opened and one's own given back as the objects they are."""
        return decode(coded, self._open)

    def _handle(self, value: Any) -> list[Any] | None:
        reference = getattr(type(value), "_epyc_reference", None)
        if reference is not None:
            return reference(value)
        if not self._may_be_handle(value):
            return None
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._held) >= _MOST_HANDLES:
                raise NotPlain("more objects than are carried")
            number = len(self._held) + 1
            self._numbers[id(value)] = number
            self._held[number] = value  # Keeps it alive, so that its id stays its own.
        return [self._side, number, type(value).__name__, kind_of(value)]

    def _open(self, rest: list[Any]) -> Any:
        side, number, name, kind = rest
        if side == self._side:
            return self.held(number)
        if not (isinstance(number, int) and isinstance(name, str) and isinstance(kind, str)):
            raise Malformed("not a handle")
        return self._opened(self, number, name[:100], kind)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request and serve the other side until the reply is there.

        Raises:
            Gone, NotPlain.
        """
        self._connection.send(request)
        while True:
            message = self._connection.receive()
            if not isinstance(message, dict):
                raise Gone
            if "do" not in message:
                return message
            self._serve_one(message)

    def serve(self) -> None:
        """Serve the other side until it hangs up."""
        with contextlib.suppress(Gone):
            while True:
                message = self._connection.receive()
                if not isinstance(message, dict) or "do" not in message:
                    return
                self._serve_one(message)

    def _serve_one(self, message: dict[str, Any]) -> None:
        try:
            reply = self._perform(self, message)
        except Gone:
            raise
        except (NotPlain, Malformed) as error:
            reply = {"uncarried": str(error)}
        except BaseException as error:  # noqa: BLE001 - every end of a call is told
            reply = {"raised": described(error)}
        try:
            self._connection.send(reply)
        except NotPlain as error:
            self._connection.send({"uncarried": str(error)})


def kind_of(value: Any) -> str:
    """What can be done with a handle: class, callable, iterator or object."""
    if isinstance(value, type):
        return "class"
    if hasattr(type(value), "__next__"):
        return "iterator"
    if callable(value) and type(value).__name__ in ("function", "builtin_function_or_method", "method", "partial"):
        return "callable"
    return "object"


def described(error: BaseException) -> list[Any]:
    """An exception as its class name, the names of its bases, and its message, shortened."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - a hostile __str__
        message = "(its message cannot be read)"
    message = message.encode("utf-8", "backslashreplace").decode()[:2000]
    bases = [each.__name__ for each in type(error).__mro__[1:] if each not in (object, BaseException)]
    return [type(error).__name__, bases, message]


def result_of(peer: Peer, reply: dict[str, Any]) -> Any:
    """The value of a reply, or its error raised here.

    Raises:
        Raised: the other side's code raised.
        Uncarried: the result cannot be carried.
        Gone: the reply is none.
    """
    try:
        if "raised" in reply:
            name, bases, message = reply["raised"]
            raise Raised(str(name)[:200], [str(each)[:200] for each in bases][:50], str(message))
        if "uncarried" in reply:
            raise Uncarried(str(reply["uncarried"])[:300])
        return peer.value(reply["value"])
    except (Malformed, KeyError, TypeError, ValueError):
        raise Gone from None


def builtin_exception(name: str) -> type[Exception] | None:
    """The built-in Exception class of that name; None for others, and for those that steer loops and exits."""
    found = getattr(builtins, name, None)
    if not isinstance(found, type) or not issubclass(found, Exception):
        return None
    return None if issubclass(found, StopIteration | StopAsyncIteration) else found
