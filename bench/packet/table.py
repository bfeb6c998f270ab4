#!/usr/bin/env python3
"""Tables, in Markdown, of the rows that bench.py wrote: medians of all runs of a gate.

usage: table.py RESULTS...
"""
import json
import statistics
import sys


def of(rows, **wanted):
    return [r for r in rows if all(r.get(k) == v for k, v in wanted.items())]


def gates_of(rows):
    return list(dict.fromkeys(r["gate"] for r in rows))


def median(rows, key):
    values = [r[key] for r in rows if r.get(key) is not None]
    return statistics.median(values) if values else None


def text(value, form="{:.1f}"):
    return "-" if value is None else form.format(value)


def ratio(value, other, form="{:.2f}"):
    return text(value / other if value is not None and other else None, form)


def print_table(title, head, body):
    print(f"### {title}\n\n| " + " | ".join(head) + " |")
    print("|---|" + "---:|" * (len(head) - 1))
    for line in body:
        print("| " + " | ".join(line) + " |")
    print()


def spread(rows, key, form="{:.0f}"):
    values = [r[key] for r in rows]
    return f"{form.format(min(values))} to {form.format(max(values))}"


def common(own):
    return [spread(own, "load_average", "{:.1f}"), text(median(own, "others"), "{:.2f}")]


def print_connect(rows, title="New TLS connections, client and server on the other processor"):
    floor, ours = median(of(rows, gate="forward"), "cpu_us"), median(of(rows, gate="writ"), "cpu_us")
    body = []
    for gate in gates_of(rows):
        own = of(rows, gate=gate)
        cpu = median(own, "cpu_us")
        body.append([gate, text(cpu), spread(own, "cpu_us"), text(median(own, "process_us")),
                     text(median(own, "kernel_us")), text(cpu - floor if floor else None), ratio(cpu, ours),
                     text(median(own, "rate"), "{:.0f}"), text(1e6 / cpu, "{:.0f}"), text(median(own, "pss_mib"), "{:.0f}"),
                     f"{sum(r['started'] - r['finished'] for r in own)} of {sum(r['started'] for r in own)}",
                     *common(own)])
    print_table(title, ["gate", "CPU us a connection", "range", "of processes", "of the kernel",
                                        "above forwarding", "it / writ", "a second here", "a second of one core",
                                        "PSS MiB", "not finished", "load average", "others on its core"], body)


def print_cost(rows):
    print_connect(rows, "New TLS connections, all on one processor")


def print_latency(rows):
    floor = of(rows, gate="forward")
    body = []
    for gate in gates_of(rows):
        own = of(rows, gate=gate)
        line = [gate]
        for key in ("p50_us", "p90_us", "p99_us"):
            value, base = median(own, key), median(floor, key)
            line += [text(value, "{:.0f}"), text(value - base if base else None, "{:+.0f}")]
        body.append(line + [f"{sum(r['started'] - r['answered'] for r in own)}", *common(own)])
    print_table("From SYN to ServerHello, us", ["gate", "50 %", "added", "90 %", "added", "99 %", "added", "lost",
                                                "load average", "others on its core"], body)


def print_bulk(rows, title="Bulk, client and server on the other processor"):
    body = []
    for merged in (True, False):
        for what in dict.fromkeys(r["what"] for r in of(rows, merged=merged)):
            same = of(rows, what=what, merged=merged)
            floor = of(same, gate="forward")
            for gate in gates_of(same):
                own = of(same, gate=gate)
                rate, cpu = median(own, "gbit"), median(own, "cpu_us_mb")
                body.append([f"{what}, {'merged' if merged else '1,500 bytes'}", gate, text(rate, "{:.2f}"),
                             spread(own, "gbit", "{:.2f}"), ratio(rate, median(floor, "gbit")), text(cpu, "{:.1f}"),
                             ratio(cpu, median(floor, "cpu_us_mb")), text(median(own, "busy"), "{:.2f}"), *common(own)])
    print_table(title, ["what", "gate", "Gbit/s", "range", "of forwarding", "CPU us a MB", "of forwarding", "gate busy",
                         "load average", "others on its core"], body)


def print_bulk_cost(rows):
    print_bulk(rows, "Bulk, all on one processor")


def print_flood(rows):
    body = []
    for gate in gates_of(rows):
        own = of(rows, gate=gate)
        body.append([gate, text(median(own, "cpu_us"), "{:.2f}"), spread(own, "cpu_us", "{:.2f}"),
                     f"{sum(r['finished'] for r in own)} of {sum(r['started'] for r in own)}",
                     text(median(own, "p50_us"), "{:.0f}"), text(median(own, "p99_us"), "{:.0f}"),
                     text(median(own, "pss_mib"), "{:.0f}"), *common(own)])
    print_table("SYN flood", ["gate", "CPU us a SYN", "range", "connections that work meanwhile", "50 % us", "99 % us",
                              "PSS MiB", "load average", "others on its core"], body)


def print_flows(rows):
    body = [[r["gate"], f"{r['answered']:,} of {r['sent']:,}", text(r["pss_before_mib"]), text(r["pss_after_mib"]),
             text(r["bytes_a_flow"], "{:.0f}"), text(r["cpu_us"]), f"{r['tracked']:,}",
             f"{r['finished']} of {r['started']}", text(r["p50_us"], "{:.0f}"), text(r["p99_us"], "{:.0f}")] for r in rows]
    print_table("Open flows", ["gate", "flows", "PSS before MiB", "after MiB", "bytes a flow", "CPU us a flow",
                               "known to conntrack", "connections that work then", "50 % us", "99 % us"], body)


def print_all(rows):
    for row in [r for r in rows if "failed" in r]:
        print(f"{row['gate']}, {row['kind']}, run {row['run']}: failed: {row['failed']}\n")
    rows = [r for r in rows if "failed" not in r]
    for kind, show in (("cost", print_cost), ("connect", print_connect), ("latency", print_latency), ("bulk", print_bulk), ("bulk-cost", print_bulk_cost),
                       ("flood", print_flood), ("flows", print_flows)):
        if of(rows, kind=kind):
            show(of(rows, kind=kind))


if __name__ == "__main__":
    print_all([json.loads(line) for path in sys.argv[1:] for line in open(path)])
