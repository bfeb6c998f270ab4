#include "record/journal.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#include "base/writer.h"
#include "record/tiles.h"

static const char magic[16] = "writ journal 1\n";

enum { HEAD_CHECKED = 16 /* bytes of a frame's head that its checksum covers */ };

static struct merkle_hash chain_over(const struct merkle_hash *before, const void *head,
                                     size_t head_size, struct view payload)
{
	struct merkle_hash hash;
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, before->bytes, HASH_SIZE);
	crypto_hash_sha256_update(&state, head, head_size);
	if (payload.size)
		crypto_hash_sha256_update(&state, payload.bytes, payload.size);
	crypto_hash_sha256_final(&state, hash.bytes);
	return hash;
}

/* The head's checksum does not chain, so that a good head is known behind a bad frame. */
static void check_head(const uint8_t head[static HEAD_CHECKED], uint8_t sum[static HASH_SIZE])
{
	crypto_hash_sha256(sum, head, HEAD_CHECKED);
}

void journal_begin(struct journal *journal, uint64_t base, struct buffer *out)
{
	static const struct merkle_hash none = {0};
	uint8_t head[JOURNAL_HEADER_SIZE - HASH_SIZE];
	struct writer w = writer_open(head, sizeof(head));
	write_bytes(&w, magic, sizeof(magic));
	write_uint(&w, base, 8);
	struct merkle_hash chain = chain_over(&none, head, sizeof(head), (struct view){0});
	buffer_add(out, head, sizeof(head));
	buffer_add(out, chain.bytes, HASH_SIZE);
	*journal = (struct journal){
		.base = base, .next = base, .good = JOURNAL_HEADER_SIZE, .chain = chain};
}

static int payload_size(const struct view *entries, size_t count, size_t *ret)
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++) {
		if (entries[i].size > TILE_ENTRY_SIZE_MAX)
			return ERR_LIMIT;
		size += 2 + entries[i].size;
		if (size > JOURNAL_PAYLOAD_MAX)
			return ERR_LIMIT;
	}
	*ret = size;
	return OK;
}

int journal_frame(struct journal *journal, const struct view *entries, size_t count,
                  struct buffer *out)
{
	size_t size, start = out->size;
	uint8_t head[JOURNAL_HEAD_SIZE], sum[HASH_SIZE];
	int err = payload_size(entries, count, &size);
	if (err < 0)
		return err;
	struct writer w = writer_open(head, sizeof(head));
	write_u32(&w, JOURNAL_MARK);
	write_u32(&w, (uint32_t)size);
	write_uint(&w, journal->next, 8);
	check_head(head, sum);
	write_bytes(&w, sum, sizeof(head) - HEAD_CHECKED);
	buffer_add(out, head, sizeof(head));
	for (size_t i = 0; i < count; i++)
		(void)!bundle_add(out, entries[i]); /* sizes were checked above */
	if (out->failed)
		return -ENOMEM;
	struct view payload = view_of(out->bytes + start + sizeof(head), size);
	struct merkle_hash chain = chain_over(&journal->chain, head, sizeof(head), payload);
	buffer_add(out, chain.bytes, HASH_SIZE);
	if (out->failed)
		return -ENOMEM;
	journal->chain = chain;
	journal->next += count;
	journal->good += sizeof(head) + size + HASH_SIZE;
	return OK;
}

int journal_open(struct view file, struct journal *ret)
{
	static const struct merkle_hash none = {0};
	struct reader r = reader_open(file.bytes, file.size);
	struct view head = view_of(file.bytes, JOURNAL_HEADER_SIZE - HASH_SIZE);
	const uint8_t *mark = read_bytes(&r, sizeof(magic));
	uint64_t base = read_uint(&r, 8);
	const uint8_t *sum = read_bytes(&r, HASH_SIZE);
	if (r.failed)
		return ERR_TRUNCATED;
	if (memcmp(mark, magic, sizeof(magic)) != 0)
		return ERR_VERSION;
	struct merkle_hash chain = chain_over(&none, head.bytes, head.size, (struct view){0});
	if (memcmp(sum, chain.bytes, HASH_SIZE) != 0)
		return ERR_CHECKSUM;
	*ret = (struct journal){.base = base,
	                        .next = base,
	                        .good = JOURNAL_HEADER_SIZE,
	                        .rest = view_skip(file, JOURNAL_HEADER_SIZE),
	                        .chain = chain};
	return OK;
}

static bool head_is_good(struct view at)
{
	uint8_t sum[HASH_SIZE];
	struct reader r = reader_open(at.bytes, at.size);
	if (read_u32(&r) != JOURNAL_MARK || at.size < JOURNAL_HEAD_SIZE)
		return false;
	check_head(at.bytes, sum);
	return memcmp(at.bytes + HEAD_CHECKED, sum, JOURNAL_HEAD_SIZE - HEAD_CHECKED) == 0;
}

/* Says what a bad frame is: torn, or altered because a later group was begun after it. */
static int judge_bad(struct view rest)
{
	for (rest = view_skip(rest, 1); rest.size >= JOURNAL_HEAD_SIZE;) {
		const uint8_t *mark = memchr(rest.bytes, JOURNAL_MARK >> 24, rest.size);
		if (!mark)
			break;
		rest = view_skip(rest, (size_t)(mark - rest.bytes));
		if (head_is_good(rest))
			return ERR_CHECKSUM;
		rest = view_skip(rest, 1);
	}
	return ERR_TRUNCATED;
}

/* How many entries the payload holds; false when it is not exactly a row of them. */
static bool count_entries(struct view payload, uint64_t *ret)
{
	struct reader r = reader_open(payload.bytes, payload.size);
	struct view entry;
	uint64_t count = 0;
	while (bundle_next(&r, &entry))
		count++;
	*ret = count;
	return !r.failed;
}

int journal_next(struct journal *journal, struct reader *ret_entries, uint64_t *ret_first)
{
	struct reader r = reader_open(journal->rest.bytes, journal->rest.size);
	uint64_t count;
	if (journal->rest.size == 0)
		return 0;
	if (!head_is_good(journal->rest))
		return judge_bad(journal->rest);
	const uint8_t *head = r.at;
	(void)read_u32(&r);
	uint32_t size = read_u32(&r);
	uint64_t first = read_uint(&r, 8);
	(void)read_bytes(&r, JOURNAL_HEAD_SIZE - HEAD_CHECKED);
	struct view payload = read_view(&r, size);
	const uint8_t *sum = read_bytes(&r, HASH_SIZE);
	if (r.failed)
		return judge_bad(journal->rest);
	struct merkle_hash chain = chain_over(&journal->chain, head, JOURNAL_HEAD_SIZE, payload);
	if (memcmp(sum, chain.bytes, HASH_SIZE) != 0)
		return judge_bad(journal->rest);
	/* a whole frame whose content is wrong was written so: no crash does that */
	if (first != journal->next || !count_entries(payload, &count) || count == 0 ||
	    count > UINT64_MAX - first)
		return ERR_CHECKSUM;
	journal->chain = chain;
	journal->next = first + count;
	journal->good += JOURNAL_HEAD_SIZE + size + HASH_SIZE;
	journal->rest = view_skip(journal->rest, JOURNAL_HEAD_SIZE + size + HASH_SIZE);
	*ret_entries = reader_open(payload.bytes, payload.size);
	*ret_first = first;
	return 1;
}
