"""Images of the form squashfs that no tool writes: inodes and folders as the caller wants them, nothing packed."""
import struct

FOLDER, FILE, LINK = 1, 2, 3
BLOCK = 131072


class Image:
    def __init__(self):
        self.inodes, self.folders = b"", b""

    def folder(self, entries):
        """A folder of (name, type, inode); returns its inode: where that stands among all."""
        at = len(self.folders)
        listing = struct.pack("<III", len(entries) - 1, 0, 1) if entries else b""
        for name, kind, inode in entries:
            listing += struct.pack("<HhHH", inode, 0, kind, len(name) - 1) + name
        self.folders += listing
        return self._inode(FOLDER, struct.pack("<IIHHI", 0, 2, len(listing) + 3, at, 1))

    def file(self, size, blocks=b""):
        """One whose blocks nobody has written."""
        return self._inode(9, struct.pack("<QQQIIII", 96, size, 0, 1, 0xFFFFFFFF, 0, 0xFFFFFFFF) + blocks)

    def _inode(self, kind, rest):
        at = len(self.inodes)
        self.inodes += struct.pack("<HHHHII", kind, 0o755, 0, 0, 0, 1) + rest
        return at

    def next_inode(self):
        return len(self.inodes)

    def bytes(self, root):
        def table(content):
            assert len(content) <= 8192, "one block each"
            return struct.pack("<H", 0x8000 | len(content)) + content

        inodes_at = 96
        folders_at = inodes_at + 2 + len(self.inodes)
        ids_at = folders_at + 2 + len(self.folders)
        none = 0xFFFFFFFFFFFFFFFF
        head = b"hsqs" + struct.pack("<IIIIHHHHHH", 1, 0, BLOCK, 0, 1, 17, 0x10 | 0x200, 1, 4, 0)
        head += struct.pack("<QQQQQQQQ", root, ids_at + 6, ids_at, none, inodes_at, folders_at, none, none)
        return head + table(self.inodes) + table(self.folders) + table(struct.pack("<I", 0))


def loop():
    image = Image()
    own = image.next_inode()
    return image.bytes(image.folder([(b"again", FOLDER, own)]))


def branching(depth):
    """A few small folders that are as many as there are paths to them."""
    image = Image()
    inode = image.folder([(b"%d" % i, LINK, 0) for i in range(256)])
    for _ in range(depth):
        inode = image.folder([(b"a", FOLDER, inode), (b"b", FOLDER, inode)])
    return image.bytes(inode)


def deep(depth):
    image = Image()
    inode = image.folder([])
    for _ in range(depth):
        inode = image.folder([(b"d", FOLDER, inode)])
    return image.bytes(inode)


def names(*entries):
    image = Image()
    inner = image.folder([])
    return image.bytes(image.folder([(name, FOLDER, inner) for name in entries]))


def huge_file(name, size):
    """It says that it has that many bytes; its list of blocks would need memory for all of them."""
    image = Image()
    return image.bytes(image.folder([(name, FILE, image.file(size))]))


def sparse_files(count, name, size):
    """Files in folders of their own, whose blocks are holes: that many bytes out of nothing."""
    image = Image()
    inode = image.file(size, bytes(4 * (size // BLOCK)))
    inner = image.folder([(name, FILE, inode)])
    return image.bytes(image.folder([(b"%d" % i, FOLDER, inner) for i in range(count)]))
