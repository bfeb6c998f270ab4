#include "daemon/packet_queues.h"

#include "base/decimal.h"
#include "base/err.h"

/* number, port, waiting, copy mode, copy range, dropped, not delivered, last id, 1 */
enum {
	NUMBER = 0,
	PORT = 1,
	WAITING = 2,
	DROPPED = 5,
	NOT_DELIVERED = 6,
	COLUMNS = 7,
	DIGITS_MAX = 10
};

static struct view cut_line(struct view *rest)
{
	size_t size = 0;
	while (size < rest->size && rest->bytes[size] != '\n')
		size++;
	struct view line = view_of(rest->bytes, size);
	size += size < rest->size;
	*rest = view_of(rest->bytes + size, rest->size - size);
	return line;
}

static struct view cut_word(struct view *line)
{
	size_t begin = 0;
	while (begin < line->size && line->bytes[begin] == ' ')
		begin++;
	size_t end = begin;
	while (end < line->size && line->bytes[end] != ' ')
		end++;
	struct view word = view_of(line->bytes + begin, end - begin);
	*line = view_of(line->bytes + end, line->size - end);
	return word;
}

static bool read_line(struct view line, struct packet_queue *ret)
{
	uint64_t columns[COLUMNS] = {0};
	for (unsigned i = 0; i < COLUMNS; i++) {
		struct view word = cut_word(&line);
		/* the kernel prints the port with a sign */
		if (i != PORT && decimal_parse(word, DIGITS_MAX, &columns[i]) < 0)
			return false;
	}
	*ret = (struct packet_queue){.number = (uint32_t)columns[NUMBER],
	                             .waiting = (uint32_t)columns[WAITING],
	                             .dropped = (uint32_t)columns[DROPPED],
	                             .not_delivered = (uint32_t)columns[NOT_DELIVERED]};
	return true;
}

bool packet_queue_next(struct view *rest, struct packet_queue *ret)
{
	while (rest->size) {
		if (read_line(cut_line(rest), ret))
			return true;
	}
	return false;
}
