#!/usr/bin/env python3
"""Tables, in Markdown, of the rows that bench.py wrote: medians of all runs of a server.

usage: table.py RESULTS...
"""
import json
import statistics
import sys


def of(rows, **wanted):
    return [r for r in rows if all(r.get(k) == v for k, v in wanted.items())]


def peers_of(rows):
    return list(dict.fromkeys(r["peer"] for r in rows))


def median(rows, key):
    values = [r[key] for r in rows if r.get(key) is not None]
    return statistics.median(values) if values else None


def text(value, form="{:.0f}"):
    return "-" if value is None else form.format(value)


def print_table(title, head, body, align="---:"):
    print(f"### {title}\n\n| " + " | ".join(head) + " |")
    print("|---|" + f"{align}|" * (len(head) - 1))
    for line in body:
        print("| " + " | ".join(line) + " |")
    print()


def print_queries(rows):
    runs, floor = of(rows, kind="qps"), median(of(rows, kind="qps", peer="echo"), "cpu_us")
    ours = median(of(runs, peer="writ"), "cpu_us")
    body = []
    for peer in peers_of(runs):
        own = of(runs, peer=peer)
        if "failed" in own[0]:
            continue
        cpu, busiest = median(own, "cpu_us"), median(own, "busiest_us")
        spread = [r["cpu_us"] for r in own]
        body.append([peer, text(cpu, "{:.2f}"), f"{min(spread):.2f} to {max(spread):.2f}",
                     text(busiest, "{:.2f}"), text(busiest - floor if floor else None, "{:.2f}"),
                     text(ours / cpu if ours else None, "{:.2f}"),
                     text(median(own, "qps")), text(1e6 / cpu), text(median(of(rows, kind="warm", peer=peer), "pss_mib")),
                     f"{sum(r['lost'] for r in own)} / {sum(r['leaked'] for r in own)}"])
    print_table("Warm cache", ["server", "CPU us a query", "range", "busiest process", "it above echo",
                               "writ / it", "queries a second",
                               "a second of one core", "PSS MiB", "lost / leaked"], body)


def print_cold(rows):
    body = []
    for peer in peers_of(rows):
        own = of(rows, peer=peer)
        if "failed" not in own[0]:
            body.append([peer] + [text(median(own, key)) for key in ("qps", "p50_us", "p99_us")] +
                        [text(median(own, "cpu_us"), "{:.2f}"), text(median(own, "server_cpu"), "{:.2f}"),
                         f"{sum(r['lost'] for r in own)} / {sum(r['servfail'] for r in own)}"])
    print_table("Cold cache", ["server", "queries a second", "50 % us", "99 % us", "CPU us a query", "processors used",
                               "lost / failed"], body)


def print_latency(rows):
    body = []
    for peer in peers_of(rows):
        own = of(rows, peer=peer)
        body.append([peer] + [text(median(own, f"{p}_us")) for p in ("p50", "p90", "p99", "p999")] +
                    [text(median(own, "cpu_us"), "{:.2f}"), str(sum(r["lost"] for r in own))])
    print_table("Latency at a fixed rate, us", ["server", "50 %", "90 %", "99 %", "99.9 %", "CPU us a query", "lost"], body)


def print_load(rows):
    body = []
    for peer in peers_of(rows):
        for size in dict.fromkeys(r["size"] for r in of(rows, peer=peer)):
            own = of(rows, peer=peer, size=size)
            if "failed" in own[0]:
                body.append([peer, text(size, "{:,}"), own[0]["failed"].splitlines()[-1]] + ["-"] * 4)
                continue
            body.append([peer, text(size, "{:,}"), text(median(own, "load_s") * 1000), text(median(own, "load_cpu_s") * 1000),
                         text(max(r["open_s"] for r in own) * 1000), text(median(own, "pss_mib"), "{:.1f}"),
                         text(median(own, "peak_mib"), "{:.0f}")])
    print_table("Start", ["server", "names", "ms", "CPU ms", "open window ms", "PSS MiB", "sum of peaks MiB"], body)


def print_reload(rows):
    body = []
    for row in rows:
        if "failed" in row:
            body.append([row["peer"], row["failed"].splitlines()[-1]] + ["-"] * 7)
            continue
        body.append([row["peer"], text(row["in_force_s"], "{:.2f}"), f"{row['lost']} of {row['sent']}",
                     str(row["servfail"] + row["refused"]), str(row["leaked"]), text(row["max_us"] / 1000),
                     f"{row['p999_without_us'] / 1000:.2f} / {row['p999_us'] / 1000:.2f}",
                     f"{row['pss_before_mib']:.0f} / {row['pss_peak_mib']:.0f} / {row['pss_after_mib']:.0f}",
                     text(row["upstream_cpu_s"], "{:.1f}")])
    print_table("Reload under load", ["server", "in force s", "lost", "failed", "leaked", "slowest answer ms",
                                      "99.9 % ms without / with", "PSS MiB before / most / after", "upstream CPU s"], body)


def print_private(rows):
    body = []
    for what, load in dict.fromkeys((r["what"], r["load"]) for r in rows if "what" in r):
        ours, floor = (median(of(rows, peer=p, what=what, load=load), "cpu_us") for p in ("writ", "tls-echo"))
        for peer in peers_of(rows):
            own = of(rows, peer=peer, what=what, load=load)
            if own:
                cpu, spread, resumed = median(own, "cpu_us"), [r["cpu_us"] for r in own], [r.get("resumed") for r in own]
                body.append([f"{what}, {load}", peer, text(cpu, "{:.1f}"), f"{min(spread):.1f} to {max(spread):.1f}",
                             text(median(own, "busiest_us"), "{:.1f}"),
                             text(median(own, "busiest_us") - floor if floor else None, "{:.1f}"),
                             text(1e6 / cpu), text(cpu / ours if ours else None, "{:.2f}"), text(median(own, "qps")),
                             "-" if None in resumed else f"{sum(resumed) / max(1, sum(r['answered'] for r in own)):.0%}",
                             str(sum(r["lost"] for r in own))])
    print_table("Over TLS and HTTPS", ["what", "server", "CPU us each", "range", "busiest process", "it above tls-echo",
                                       "a second of one core", "it / writ", "a second here", "resumed", "lost"], body)


def print_block(rows):
    for row in rows:
        if "answers" in row:
            print_table(f"What is answered: {row['peer']}", ["question", "answer"],
                        [[k, v] for k, v in row["answers"].items()], align="---")


def print_all(rows):
    for kind, show in (("qps", print_queries), ("latency", print_latency), ("cold", print_cold), ("load", print_load),
                       ("block", print_block), ("reload", print_reload),
                       ("private", print_private)):
        chosen = of(rows, kind=kind)
        if chosen:
            show(rows if kind == "qps" else chosen)


if __name__ == "__main__":
    print_all([json.loads(line) for path in sys.argv[1:] for line in open(path)])
