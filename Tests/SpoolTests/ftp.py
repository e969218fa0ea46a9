"""Uploads a file through an FTP server of its own that serves the current folder: ftp.py SOURCE NAME [BREAK_OFF_AT]."""
import ftplib
import io
import logging
import sys
import threading

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

logging.disable(logging.CRITICAL)
source, name, *rest = sys.argv[1:]
content = open(source, "rb").read()

handler = type("Handler", (FTPHandler,), {"authorizer": DummyAuthorizer()})
handler.authorizer.add_user("crm", "secret", ".", perm="elradfmw")
server = FTPServer(("127.0.0.1", 0), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def upload(part, offset=None):
    with ftplib.FTP() as client:
        client.connect(*server.address)
        client.login("crm", "secret")
        client.storbinary(f"STOR {name}", io.BytesIO(part), rest=offset)


if rest:
    half = int(rest[0])
    upload(content[:half])
    upload(content[half:], half)
else:
    upload(content)
server.close_all()
