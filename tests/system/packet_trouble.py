"""A hop at which packets overtake each other: a thread that holds some of them for a while."""
import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import threading
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
DEVICE, TABLE = "reorder", "77"
SHARE, LONGEST = 0.3, 0.015  # how many wait, and for how many seconds at most


class Reordering:
    """While it is entered, all that passes the lab's hop passes here."""

    def __init__(self, lab, seed=1):
        self.hop, self.random, self.overtaken = lab.hop, random.Random(seed), 0

    def __enter__(self):
        with self.hop.entered():
            self.tun = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
        self.hop.run("ip", "link", "set", DEVICE, "up")
        for family, device in itertools.product(("-4", "-6"), ("to-gate", "to-server")):
            self.hop.run("ip", family, "route", "replace", "default", "dev", DEVICE, "table", TABLE)
            self.hop.run("ip", family, "rule", "add", "iif", device, "lookup", TABLE)
        self.open = True
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def _run(self):
        waiting, numbers = [], itertools.count()
        while self.open or waiting:
            left = waiting[0][0] - time.monotonic() if waiting else 0.1
            if select.select([self.tun], [], [], max(left, 0))[0]:
                packet = os.read(self.tun, 65536)
                is_held = self.random.random() < SHARE
                self.overtaken += is_held
                due = time.monotonic() + (self.random.uniform(0.002, LONGEST) if is_held else 0)
                heapq.heappush(waiting, (due, next(numbers), packet))
            while waiting and waiting[0][0] <= time.monotonic():
                os.write(self.tun, heapq.heappop(waiting)[2])

    def __exit__(self, *_):
        for family, device in itertools.product(("-4", "-6"), ("to-gate", "to-server")):
            self.hop.run("ip", family, "rule", "del", "iif", device, "lookup", TABLE)
        self.open = False
        self.thread.join()
        os.close(self.tun)
