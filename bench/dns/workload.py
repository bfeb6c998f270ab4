"""The workload: nested lists of names, a stream of queries, and the zone that the upstream serves.

Everything is made from one seed with random.random() alone, which Python keeps stable over its versions:
the same files come out everywhere.
"""
import bisect
import collections
import itertools
import pathlib
import random

SYLLABLES = ("ba be bi bo bu ca ce co cu da de di do du fa fe fi fo ga ge go ha he hi ho ja jo ka ke ki ko la le "
             "li lo lu ma me mi mo mu na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va "
             "ve vi vo wa we wi za zo er in on an or ex net web ad app hub lab soft tech data cloud shop news play").split()
TOPS = (["com"] * 48 + ["net"] * 8 + ["org"] * 7 + ["ru"] * 5 + ["de"] * 4 + ["co.uk"] * 2 + ["info"] * 3 +
        ["io"] * 2 + ["xyz"] * 3 + ["top"] * 2 + ["cn"] * 3 + ["com.br"] * 2 + ["jp"] * 2 + ["fr"] * 2 + ["pl"] * 2 +
        ["it"] * 2 + ["app", "ai", "dev"])
HOSTS = ("www ads track cdn api img static m metrics pixel log stats events s1 s2 js t go click app edge collect "
         "data telemetry beacon files media mail login auth sync ws v2 eu us").split()
TYPES = ["A"] * 55 + ["AAAA"] * 30 + ["HTTPS"] * 15

# The products at the head of every list, and the name at its end that says that all of it was read.
PRODUCTS = ["deepseek.com", "openai.com", "chatgpt.com", "anthropic.com", "claude.ai", "perplexity.ai",
            "midjourney.com", "character.ai", "poe.com", "huggingface.co"]
NEW_NAME = "sentinel-new.bench-list.net"

POPULAR, QUERIES, BLOCKED_SHARE, SEED = 110_000, 500_000, 0.02, 1

# Any name has the address that dns_message.MARK knows; one leads to a listed name by an alias.
ZONE = """$ORIGIN .
$TTL 86400
@ SOA ns.bench-upstream. hostmaster.bench-upstream. 1 3600 900 604800 3600
@ NS ns.bench-upstream.
ns.bench-upstream. A 127.0.0.1
* A 127.9.9.9
* AAAA fd09:909:909:909::7f09:909
* HTTPS 1 . alpn="h2,h3" ipv4hint=127.9.9.9
www.alias.example. CNAME chat.deepseek.com.
"""

Workload = collections.namedtuple("Workload", "folder unique blocked")


def sentinel(size):
    return f"sentinel-{size}.bench-list.net"


def list_path(folder, size):
    return folder / f"list.{size}.txt"


def longer_list_path(folder, size):
    """The list with one name more: what a reload brings in."""
    return folder / f"list.{size}.new.txt"


class Names:
    def __init__(self, seed):
        self.random = random.Random(seed).random

    def pick(self, items):
        return items[int(self.random() * len(items))]

    def domain(self):
        label = "".join(self.pick(SYLLABLES) for _ in range(2 + int(self.random() * 4)))
        kind = self.random()
        if kind < 0.10:
            label += str(1 + int(self.random() * 999))
        elif kind < 0.18:
            label += "-" + self.pick(SYLLABLES) + self.pick(SYLLABLES)
        return label + "." + self.pick(TOPS)

    def listed(self):
        name = self.domain()
        return self.pick(HOSTS) + "." + name if self.random() < 0.30 else name

    def zipf(self, items, cumulated):
        return items[bisect.bisect_left(cumulated, self.random() * cumulated[-1])]


def unique(make, count, without=()):
    seen, items = set(without), []
    while len(items) < count:
        name = make()
        if name not in seen:
            seen.add(name)
            items.append(name)
    return items


def with_parents(names):
    for name in names:
        labels = name.split(".")
        for i in range(len(labels) - 1):
            yield ".".join(labels[i:])


def zipf_sums(count):
    return list(itertools.accumulate(1 / (i + 1) for i in range(count)))


def make_queries(names, hosts, listed):
    host_sums, listed_sums = zipf_sums(len(hosts)), zipf_sums(len(listed))
    for _ in range(QUERIES):
        kind = names.pick(TYPES)
        if names.random() >= BLOCKED_SHARE:
            yield names.zipf(hosts, host_sums), kind, "allow"
            continue
        name = names.zipf(listed, listed_sums)
        for _ in range(names.pick((0, 0, 1, 1, 2))):
            name = names.pick(HOSTS) + "." + name
        yield name, kind, "block"


def write_lists(folder, sizes, order):
    for size in sizes:
        text = "\n".join(order[:size - 1]) + f"\n{sentinel(size)}\n"
        list_path(folder, size).write_text(text)
        longer_list_path(folder, size).write_text(text + NEW_NAME + "\n")


def make_missing(folder, size):
    """The files for one size, where they are not there yet."""
    if not list_path(folder, size).exists():
        make(folder, [size])


def make(folder, sizes):
    """Writes all files. The smaller lists are beginnings of the larger ones; the listed names in the
    queries are of the smallest."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = Names(SEED)
    popular = unique(names.domain, POPULAR)
    hosts = [name if names.random() < 0.45 else names.pick(HOSTS) + "." + name for name in popular]
    allowed = set(with_parents(hosts))
    order = PRODUCTS + unique(names.listed, max(sizes) - len(PRODUCTS), allowed | set(PRODUCTS))
    write_lists(folder, sizes, order)
    queries = list(make_queries(names, hosts, order[:min(sizes) - 1]))
    (folder / "queries.txt").write_text("".join(f"{n} {t} {d}\n" for n, t, d in queries))
    (folder / "root.zone").write_text(ZONE)
    blocked = sum(demand == "block" for _, _, demand in queries)
    answers = len({(n, t) for n, t, demand in queries if demand == "allow"})
    return Workload(folder, answers, blocked / QUERIES)
