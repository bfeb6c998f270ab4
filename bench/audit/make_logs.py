#!/usr/bin/env python3
"""Makes a log as a day of a large network gives it: Zeek's dns.log, or Squid's access.log.

    make_logs.py zeek-dns|squid LINES NAMES OUT [--listed PERMILLE] [--seed N]

NAMES is a file of names, one a line: so many in a thousand lines ask for one of them, or for one below it; of the
other names some look like them without being them. The same arguments give the same bytes."""

import argparse
import random

WORDS = ("cloud media static assets images login mail update metrics events edge video store search "
         "auth data live push api cdn www app sync beacon telemetry content files play news shop "
         "portal gateway track img img2 s3 ads pixel tag config time relay voice meet docs").split()
ENDS = "com com com com net net org io de fr tw com.tw co.uk gov.tw edu.tw jp cn ai".split()
KINDS = ["A", "A", "A", "AAAA", "AAAA", "HTTPS", "PTR", "TXT"]
TYPES = ["text/html", "application/json", "image/jpeg", "image/png", "video/mp4", "-",
         "application/javascript", "text/css"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(rng, least, most):
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(least, most)))


def other_names(rng, listed, count):
    """Names that nobody listed, a few of them with a listed name in their middle."""
    names = []
    known = set(listed)
    while len(names) < count:
        base = f"{word(rng, 4, 12)}.{rng.choice(ENDS)}"
        if rng.random() < 0.001:
            base = f"{rng.choice(listed)}.{base}" if rng.random() < 0.5 else f"not-{rng.choice(listed)}"
        if base not in known:
            deep = [rng.choice(WORDS) for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3)))]
            names.append(".".join(deep + [base]))
    return names


def zeek_dns_head():
    fields = ("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto trans_id rtt query qclass qclass_name "
              "qtype qtype_name rcode rcode_name AA TC RD RA Z answers TTLs rejected").split()
    types = ("time string addr port addr port enum count interval string count string count string count string "
             "bool bool bool bool count vector[string] vector[interval] bool").split()
    return ("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
            "#open\t2026-01-15-00-00-00\n#fields\t" + "\t".join(fields) + "\n#types\t" +
            "\t".join(types) + "\n")


def zeek_dns_line(rng, at, name):
    number = rng.getrandbits(62)
    answers = f"e{number & 4095:x}.{WORDS[number % len(WORDS)]}.example.net,198.51.{number >> 8 & 255}.{number >> 16 & 255}"
    return (f"{at:.6f}\tC{number:x}\t10.{number & 7}.{number >> 3 & 255}.{number >> 11 & 255}\t"
            f"{1024 + (number >> 19) % 60000}\t10.0.0.53\t53\tudp\t{number >> 5 & 65535}\t0.0{number % 99999:05d}\t"
            f"{name}\t1\tC_INTERNET\t1\t{KINDS[number & 7]}\t0\tNOERROR\tF\tF\tT\tT\t0\t{answers}\t"
            f"300.0,60.0\tF\n")


def squid_head():
    return ""


def squid_line(rng, at, name):
    number = rng.getrandbits(62)
    who = f"10.{number & 7}.{number >> 3 & 255}.{number >> 11 & 255}"
    where = f"HIER_DIRECT/203.0.{number >> 9 & 255}.{number >> 17 & 255}"
    if number & 3:
        return (f"{at:.3f} {number % 99999:6d} {who} TCP_TUNNEL/200 {number % 9999999} CONNECT {name}:443 "
                f"user{number % 5000} {where} -\n")
    path = f"{WORDS[number % len(WORDS)]}/{number:x}/{WORDS[number >> 7 & 31]}.js?v={number & 65535}&ref=a%20b"
    return (f"{at:.3f} {number % 99999:6d} {who} TCP_MISS/200 {number % 999999} GET http://{name}/{path} "
            f"user{number % 5000} {where} {TYPES[number & 7]}\n")


LOGS = {"zeek-dns": (zeek_dns_head, zeek_dns_line), "squid": (squid_head, squid_line)}


def make(kind, lines, listed, out, permille, seed):
    rng = random.Random(seed)
    head, line = LOGS[kind]
    names = other_names(rng, listed, 200_000)
    at = 1768435200.0
    with open(out, "w", buffering=1 << 20) as to:
        to.write(head())
        for _ in range(lines):
            at += 0.0172
            if rng.random() * 1000 < permille:
                name = rng.choice(listed)
                if rng.random() < 0.5:
                    name = f"{rng.choice(WORDS)}.{name}"
            else:
                name = names[int(len(names) * rng.random() ** 3)]
            to.write(line(rng, at, name))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=sorted(LOGS))
    parser.add_argument("lines", type=int)
    parser.add_argument("names")
    parser.add_argument("out")
    parser.add_argument("--listed", type=float, default=1.0, metavar="PERMILLE")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with open(args.names) as file:
        listed = file.read().split()
    make(args.kind, args.lines, listed, args.out, args.listed, args.seed)


if __name__ == "__main__":
    main()
