"""A host whose every packet a test makes: many addresses, no kernel that would answer for it."""
import ipaddress
import itertools
import queue
import random
import socket
import struct
import threading
import time

import raw_packets as raw
from packet_lab import CRAFTY, CRAFTY6
from raw_packets import ACK, PSH, RST, SYN

ETHERNET = {4: 0x0800, 6: 0x86dd}
TRIES, PATIENCE = 4, 0.4  # how often what is not acknowledged is sent again, and after how many seconds
WAITS = (PATIENCE, PATIENCE, PATIENCE, 1, 3)  # for an answer; as long as a machine with much else to do may take


class RawHost:
    def __init__(self, lab):
        with lab.crafty.entered():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.socket.bind((lab.crafty_device, 3))
        self.socket.settimeout(0.2)
        ours, gate = (bytes.fromhex(a.replace(":", "")) for a in (lab.crafty_hardware, lab.gate_hardware))
        self.heads = {family: gate + ours + struct.pack("!H", kind) for family, kind in ETHERNET.items()}
        self.lab = lab
        self.numbers, self.listeners, self.open = itertools.count(256), {}, True
        self.sent = None  # or a list, for who wants to see all
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def address(self, family=4):
        """One that nobody had before."""
        number = next(self.numbers)
        return f"{CRAFTY}{number >> 8 & 255}.{number & 255}" if family == 4 else f"{CRAFTY6}{number:x}"

    def send(self, packet):
        if self.sent is not None:
            self.sent.append(packet)
        self.socket.send(self.heads[packet[0] >> 4] + packet)

    def listen(self, address):
        """What comes for that address: protocol and its header and data."""
        self.listeners[ipaddress.ip_address(address).packed] = found = queue.Queue()
        return found

    def forget(self, address):
        self.listeners.pop(ipaddress.ip_address(address).packed, None)

    def _read(self):
        while self.open:
            try:
                frame = self.socket.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                return  # the link is gone
            packet = frame[14:]
            if frame[12:14] == b"\x08\x00":
                head, protocol, to = (packet[0] & 15) * 4, packet[9], packet[16:20]
                packet = packet[:struct.unpack("!H", packet[2:4])[0]]
            elif frame[12:14] == b"\x86\xdd":
                head, protocol, to = 40, packet[6], packet[24:40]
                packet = packet[:40 + struct.unpack("!H", packet[4:6])[0]]
            else:
                continue
            if found := self.listeners.get(to):
                found.put((protocol, packet[head:]))

    def close(self):
        self.open = False
        self.thread.join()
        self.socket.close()


class RawTcp:
    """One connection. Bytes of the stream are named by their offset; what the server says is acknowledged at
    once and gathered in `received`. A reset is remembered and otherwise ignored."""

    def __init__(self, host, server, port, family=None, source=None, source_port=None):
        self.host, self.server, self.port = host, server, port
        self.source = source or host.address(6 if ":" in server else 4)
        self.source_port = source_port or random.randrange(20000, 60000)
        self.source_bytes = raw.packed(self.source)
        self.arrived = host.listen(self.source)
        self.begin()

    def begin(self):
        """A new connection, of the same ports."""
        self.first = random.getrandbits(32)
        self.expected = self.acked = None  # the server's next byte; our first byte that it has not
        self.received, self.later, self.is_reset, self.has_ended = b"", {}, False, False
        self.greeted = None  # the number of a SYN of the server's
        self.use_timestamps, self.clock, self.echo = True, random.getrandbits(30), 0
        self.window, self.kept = 65535, {}

    # out

    def packet(self, sequence, flags, data=b"", *, acknowledged=None, options=None, ip=None, age=0, **how):
        self.clock += 1
        if options is None:
            options = raw.timestamps(self.clock - age, self.echo) if self.use_timestamps else b""
        elif self.use_timestamps and not flags & SYN:
            options = raw.timestamps(self.clock - age, self.echo) + options
        if acknowledged is None:
            acknowledged = self.expected or 0
        how.setdefault("window", self.window)
        segment = raw.tcp(self.source, self.server, (self.source_port, self.port), sequence, acknowledged, flags, data,
                          options=options, **how)
        return raw.ip(self.source, self.server, raw.TCP, segment, **(ip or {}))

    def segment(self, offset, data, flags=PSH | ACK, ttl=None, **how):
        """Sends bytes of the stream."""
        if ttl is not None:
            how["ip"] = {**how.get("ip", {}), "ttl": ttl}
        self.host.send(self.packet(self.first + 1 + offset, flags, data, **how))

    def syn(self, data=b"", options=b"", flags=SYN, first=None, **how):
        stamps = raw.timestamps(self.clock, 0) if self.use_timestamps else b""
        self.host.send(self.packet(self.first if first is None else first, flags, data,
                                   options=raw.mss(1460) + stamps + options, **how))

    def connect(self, **how):
        for _ in range(TRIES):
            self.syn(**how)
            if self.pump(PATIENCE * 2, lambda: self.expected is not None):
                break
        else:
            raise TimeoutError("no answer to SYN")
        self.acknowledge()

    def connect_small(self, size=44):
        """Asks for segments of so many bytes."""
        for _ in range(TRIES):
            self.host.send(self.packet(self.first, SYN, options=raw.mss(size + 12) + raw.timestamps(self.clock, 0)))
            if self.pump(PATIENCE * 2, lambda: self.expected is not None):
                break
        else:
            raise TimeoutError("no answer to SYN")
        self.acknowledge()

    def await_answer(self):
        """Of a SYN that was sent by hand."""
        if not self.pump(PATIENCE * 3, lambda: self.expected is not None):
            raise TimeoutError("no answer to SYN")

    def acknowledge(self):
        self.host.send(self.packet(self.first + 1 + (self.acked or 0), ACK))

    # in

    def pump(self, seconds, until):
        """Takes what comes until the condition holds; whether it did."""
        end = time.monotonic() + seconds
        while not until():
            left = end - time.monotonic()
            if left <= 0:
                return False
            try:
                protocol, segment = self.arrived.get(timeout=left)
            except queue.Empty:
                return until()
            if protocol == raw.TCP and len(segment) >= 20:
                self._take(segment)
        return True

    def _take(self, segment):
        ports, sequence, acknowledged, words, flags = segment[:4], *struct.unpack("!IIBB", segment[4:14])
        if struct.unpack("!HH", ports) != (self.port, self.source_port):
            return
        if flags & RST:
            self.is_reset = True
            return
        data = segment[(words >> 4) * 4:]
        self._stamp(segment[20:(words >> 4) * 4])
        if flags & SYN:
            self.greeted = sequence
            if acknowledged not in range((self.first + 1) & 0xffffffff, ((self.first + 1) & 0xffffffff) + 70000):
                return
            self.expected, self.acked = (sequence + 1) & 0xffffffff, acknowledged - (self.first + 1) & 0xffffffff
            return
        if self.expected is None:
            return
        offset = acknowledged - (self.first + 1) & 0xffffffff
        if flags & ACK and offset < 1 << 20:
            self.acked = max(self.acked or 0, offset)
        if data or flags & 1:
            self.later[sequence] = data, bool(flags & 1)
            self._assemble()
            self.acknowledge()

    def _stamp(self, options):
        at = options.find(b"\x08\x0a")
        if at >= 0 and len(options) >= at + 10:
            self.echo = struct.unpack("!I", options[at + 2:at + 6])[0]

    def _assemble(self):
        progress = True
        while progress:
            progress = False
            for sequence in list(self.later):
                data, fin = self.later[sequence]
                behind = self.expected - sequence & 0xffffffff
                if behind < 1 << 31 and behind <= len(data):
                    del self.later[sequence]
                    self.received += data[behind:]
                    self.expected = (sequence + len(data) + fin) & 0xffffffff
                    self.has_ended |= fin
                    progress = True
                elif behind < 1 << 31:
                    del self.later[sequence]

    # both

    def exchange(self, stream, heard, again=None):
        """Waits until what came satisfies `heard`; meanwhile sends again what is not acknowledged of `stream`,
        as every TCP does."""
        for seconds in WAITS:
            if self.pump(seconds, lambda: heard(self.received)):
                return True
            done = self.acked or 0
            if seconds == WAITS[-1] or done >= len(stream) or self.expected is None:
                continue
            if again:
                again(done)
                continue
            for at in range(done, len(stream), 1200):
                self.segment(at, stream[at:at + 1200])
        return heard(self.received)

    def close(self):
        if self.expected is not None:
            self.host.send(self.packet(self.first + 1 + (self.acked or 0), RST | ACK))
        self.host.forget(self.source)
