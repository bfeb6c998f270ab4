"""A body under one order, for commands that need a policy and no gate."""

ORGANISATION = """organisation: body
name: A body
jurisdiction: TW
classes: [central-agency]
contact: it@body.example
networks:
  - {prefix: 10.0.0.0/8}
  - {prefix: 192.0.2.0/24}
adoptions:
  - {order: tw-ey-2025-02-03}
"""


def write(folder):
    """Its file, in a folder that everybody may enter."""
    for each in [folder, *folder.parents[:2]]:
        each.chmod(each.stat().st_mode | 0o755)  # what it allows already it goes on to allow: it may be /tmp
    file = folder / "organisation.yaml"
    file.write_text(ORGANISATION)
    return file
