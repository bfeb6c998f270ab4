#include "scan/python_name.h"

#include <ctype.h>

size_t python_name_read(struct view text, char ret[static PYTHON_NAME_MAX])
{
	size_t size = 0;
	bool is_between = false;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.bytes[i];
		if (c == '-' || c == '_' || c == '.') {
			is_between = true;
			continue;
		}
		if (!isalnum(c))
			break;
		if (size + 2 > PYTHON_NAME_MAX)
			return 0;
		if (is_between && size)
			ret[size++] = '-';
		is_between = false;
		ret[size++] = (char)tolower(c);
	}
	return size;
}
