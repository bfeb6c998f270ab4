"""Readers of dnstap: fstrm_capture as the real one, and its file decoded by protobuf's own library."""
import os
import shutil
import signal
import subprocess

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from writ import wait_for

CAPTURE = shutil.which("fstrm_capture")
CLIENT_QUERY, CLIENT_RESPONSE, FORWARDER_QUERY, FORWARDER_RESPONSE = 5, 6, 7, 8
NXDOMAIN, PASS, QNAME = 1, 3, 1

# Name, number and type of the fields that we read, after dnstap.proto.
FIELDS = {
    "Policy": [("type", 1, "string"), ("rule", 2, "bytes"), ("action", 3, "uint32"), ("match", 4, "uint32"),
               ("value", 5, "bytes")],
    "Message": [("type", 1, "uint32"), ("socket_family", 2, "uint32"), ("socket_protocol", 3, "uint32"),
                ("query_address", 4, "bytes"), ("response_address", 5, "bytes"), ("response_port", 7, "uint32"),
                ("query_time_sec", 8, "uint64"), ("query_time_nsec", 9, "fixed32"),
                ("query_message", 10, "bytes"), ("response_time_sec", 12, "uint64"),
                ("response_time_nsec", 13, "fixed32"), ("response_message", 14, "bytes"),
                ("policy", 15, "Policy")],
    "Dnstap": [("identity", 1, "bytes"), ("version", 2, "bytes"), ("message", 14, "Message"), ("type", 15, "uint32")],
}


def make_class():
    file = descriptor_pb2.FileDescriptorProto(name="dnstap.proto", package="dnstap", syntax="proto2")
    for name, fields in FIELDS.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            row = message.field.add(name=field, number=number, label=1)
            if kind in FIELDS:
                row.type, row.type_name = row.TYPE_MESSAGE, f".dnstap.{kind}"
            else:
                row.type = getattr(row, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("dnstap.Dnstap"))


Dnstap = make_class()


def decode(path, is_ours=True):
    """All messages of a Frame Streams file; of our own strictly: no byte that the schema above does not know."""
    data, at, found = path.read_bytes() if path.exists() else b"", 0, []
    while at + 4 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        at += 4
        if size == 0: # a control frame follows
            at += 4 + int.from_bytes(data[at:at + 4], "big")
            continue
        frame = Dnstap.FromString(data[at:at + size])
        assert not is_ours or frame.SerializeToString() == data[at:at + size]
        found.append(frame)
        at += size
    return found


class Reader:
    """fstrm_capture on a Unix socket or a TCP port; a new start writes a new file."""

    def __init__(self, directory, port=None):
        self.directory, self.port, self.socket = directory, port, directory / "dnstap.sock"
        self.files, self.process = [], None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.files.append(self.directory / f"{len(self.files)}.fstrm")
        self.socket.unlink(missing_ok=True)
        where = ["-a", "127.0.0.1", "-p", str(self.port)] if self.port else ["-u", str(self.socket)]
        umask = os.umask(0) # the dns role has a user of its own
        self.process = subprocess.Popen([CAPTURE, "-t", "protobuf:dnstap.Dnstap", "-w", self.files[-1]] + where,
                                        stderr=subprocess.DEVNULL)
        wait_for("the reader", lambda: self.port or self.socket.exists())
        os.umask(umask)
        return self

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self):
        """Ends it as its user would, so that all it has read is in the file."""
        self.signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(10)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def frames(self):
        return [f for path in self.files for f in decode(path)]
