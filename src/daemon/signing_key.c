#include "daemon/signing_key.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "source/file.h"

enum { KEY_FILE_MAX = 4096, KEY_MODE = 0600, PUBLIC_MODE = 0644 };

static int write_line(const char *path, const char *suffix, const char *text, mode_t mode)
{
	char full[4200], line[NOTE_KEY_TEXT_SIZE + 1];
	(void)snprintf(full, sizeof(full), "%s%s", path, suffix);
	int size = snprintf(line, sizeof(line), "%s\n", text);
	int code = file_replace(full, view_of(line, (size_t)size), mode);
	sodium_memzero(line, sizeof(line));
	return code;
}

static int make(const char *path, const char *name, struct note_signer *ret)
{
	uint8_t seed[NOTE_SEED_SIZE];
	char text[NOTE_KEY_TEXT_SIZE];
	struct note_signer signer;
	randombytes_buf(seed, sizeof(seed));
	int code = note_signer_init(&signer, view_text(name), seed);
	sodium_memzero(seed, sizeof(seed));
	if (code < 0)
		return code;
	/* the public half first: when it is there alone, the next start makes both anew */
	code = write_line(path, ".pub", note_verifier_print(&signer.verifier, text), PUBLIC_MODE);
	if (code == OK)
		code = write_line(path, "", note_signer_print(&signer, text), KEY_MODE);
	sodium_memzero(text, sizeof(text));
	if (code == OK)
		*ret = signer;
	note_signer_done(&signer);
	return code;
}

int signing_key_open(const char *path, const char *name, struct note_signer *ret, bool *ret_made)
{
	struct buffer text = {0};
	int code = file_read(path, KEY_FILE_MAX, &text);
	bool made = code == -ENOENT;
	if (made)
		code = make(path, name, ret);
	else if (code == OK)
		code = note_signer_parse(buffer_view(&text), ret);
	if (text.bytes)
		sodium_memzero(text.bytes, text.size);
	buffer_done(&text);
	if (code == OK)
		*ret_made = made;
	return code;
}
