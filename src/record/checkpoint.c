#include "record/checkpoint.h"

#include <inttypes.h>

#include "record/base64.h"
#include "record/number.h"

int checkpoint_parse(struct view text, struct checkpoint *ret)
{
	struct checkpoint c = {0};
	if (text.size == 0 || text.bytes[text.size - 1] != '\n')
		return ERR_MALFORMED;
	struct view rest = text;
	c.origin = view_split(&rest, '\n');
	struct view size = view_split(&rest, '\n');
	struct view root = view_split(&rest, '\n');
	/* the third newline must exist: when it ends the text, an empty rest remains behind it */
	if (c.origin.size == 0 || !rest.bytes || !number_parse(size, &c.size) ||
	    !base64_read_hash(root, &c.root))
		return ERR_MALFORMED;
	c.extensions = rest;
	while (rest.size) {
		struct view line = view_split(&rest, '\n');
		if (line.size == 0)
			return ERR_MALFORMED;
	}
	*ret = c;
	return OK;
}

void checkpoint_print(const struct checkpoint *checkpoint, struct buffer *out)
{
	char root[BASE64_HASH_SIZE];
	buffer_add_view(out, checkpoint->origin);
	buffer_printf(out, "\n%" PRIu64 "\n%s\n", checkpoint->size,
	              base64_print_hash(&checkpoint->root, root));
	buffer_add_view(out, checkpoint->extensions);
}

int checkpoint_open(struct view bytes, const struct note_verifier *verifier, const char *origin,
                    struct checkpoint *ret)
{
	struct note note;
	struct checkpoint checkpoint;
	int err = note_parse(bytes, &note);
	if (err == OK)
		err = note_verify(&note, verifier);
	if (err == OK)
		err = checkpoint_parse(note.text, &checkpoint);
	if (err < 0)
		return err;
	if (!view_is(checkpoint.origin, origin ? origin : verifier->name))
		return ERR_SIGNATURE;
	*ret = checkpoint;
	return OK;
}
