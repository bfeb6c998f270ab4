#include "record/proof.h"

#include <inttypes.h>

#include "record/base64.h"
#include "record/number.h"

static const char magic[] = "c2sp.org/tlog-proof@v1";

static bool cut_prefix(struct view *line, const char *prefix)
{
	if (!view_starts_with(*line, view_text(prefix)))
		return false;
	*line = view_skip(*line, strlen(prefix));
	return true;
}

static bool is_base64(struct view text)
{
	uint8_t bytes[4096];
	return base64_read(text, bytes, sizeof(bytes)) >= 0;
}

int proof_parse(struct view text, struct proof *ret)
{
	struct proof proof = {0};
	struct view rest = text;
	if (!view_is(view_split(&rest, '\n'), magic))
		return ERR_MALFORMED;
	struct view line = view_split(&rest, '\n');
	if (cut_prefix(&line, "extra ")) {
		if (!is_base64(line))
			return ERR_MALFORMED;
		proof.extra = line;
		line = view_split(&rest, '\n');
	}
	if (!cut_prefix(&line, "index ") || !number_parse(line, &proof.index))
		return ERR_MALFORMED;
	for (line = view_split(&rest, '\n'); line.size; line = view_split(&rest, '\n')) {
		if (proof.path.count == PROOF_HASHES_MAX ||
		    !base64_read_hash(line, &proof.path.hashes[proof.path.count]))
			return ERR_MALFORMED;
		proof.path.count++;
	}
	if (rest.size == 0)
		return ERR_MALFORMED;
	proof.note = rest;
	*ret = proof;
	return OK;
}

void proof_print(const struct proof *proof, struct buffer *out)
{
	char text[BASE64_HASH_SIZE];
	buffer_printf(out, "%s\n", magic);
	if (proof->extra.size)
		buffer_printf(out, "extra " VIEW_FMT "\n", VIEW_ARG(proof->extra));
	buffer_printf(out, "index %" PRIu64 "\n", proof->index);
	for (size_t i = 0; i < proof->path.count; i++)
		buffer_printf(out, "%s\n", base64_print_hash(&proof->path.hashes[i], text));
	buffer_add_text(out, "\n");
	buffer_add_view(out, proof->note);
}

int proof_check(const struct proof *proof, struct view entry, const struct note_verifier *verifier,
                const char *origin, struct checkpoint *ret_checkpoint)
{
	struct checkpoint checkpoint;
	int err = checkpoint_open(proof->note, verifier, origin, &checkpoint);
	if (err < 0)
		return err;
	struct merkle_hash leaf = merkle_leaf(entry);
	if (!merkle_check_inclusion(&proof->path, proof->index, checkpoint.size, &leaf,
	                            &checkpoint.root))
		return ERR_CHECKSUM;
	*ret_checkpoint = checkpoint;
	return OK;
}
