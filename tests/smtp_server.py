"""A mail server that takes what it is given, or refuses it: enough of SMTP (RFC 5321) for one sender."""

import socketserver
import threading
import time
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class SmtpServer(socketserver.ThreadingTCPServer):
    """`delivered` are the messages that it took. `refusal` is its answer to every recipient, such as "450 Come later".
    `breaks` ends the connection after the text, without an answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.port = self.server_address[1]
        self.delivered: list[Message] = []
        self.refusal = ""
        self.breaks = False
        self.seconds_for_each = 0.0

    @property
    def recipients(self) -> list[str]:
        return [message["To"] for message in self.delivered]


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.answer("220 ready")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"RCPT" and self.server.refusal:
                self.answer(self.server.refusal)
            elif verb == b"DATA":
                self.answer("354 go on")
                if not self.take_text():
                    return
            elif verb == b"QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 ok")

    def take_text(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:  # the sender was ended in the middle: what has no end is no mail
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        time.sleep(self.server.seconds_for_each)
        self.server.delivered.append(message_from_bytes(b"".join(lines)))
        if self.server.breaks:
            return False
        self.answer("250 taken")
        return True

    def answer(self, line: str):
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server():
    server = SmtpServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
