#include "base/err.h"

#include <string.h>

static const struct {
	enum err code;
	const char *text;
} texts[] = {
	{OK, "ok"},
	{ERR_TRUNCATED, "input ends too early"},
	{ERR_MALFORMED, "input is malformed"},
	{ERR_LIMIT, "limit reached"},
	{ERR_DENIED, "not permitted"},
	{ERR_MISSING, "not found"},
	{ERR_EXISTS, "exists already"},
	{ERR_VERSION, "made by another version of the program"},
	{ERR_CHECKSUM, "checksum does not match"},
	{ERR_SIGNATURE, "signature is missing or not made by the expected key"},
	{ERR_INVALID, "not valid"},
};

const char *err_text(int code)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if ((int)texts[i].code == code)
			return texts[i].text;
	}
	return code > -1000 ? strerror(-code) : "unknown error";
}
