#include "daemon/asked.h"

#include <errno.h>

#include "base/clock.h"
#include "daemon/memory.h"
#include "daemon/parent.h"

enum { LOOK_MS = 500 };

void asked_init(struct parent *p)
{
	p->asked = (struct asked){0};
	uv_timer_init(&p->loop, &p->asked.timer);
	p->asked.timer.data = p;
}

static struct asked_row *find(struct asked *a, uint32_t number)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		if (a->rows[i].number == number)
			return &a->rows[i];
	}
	return NULL;
}

static void give_up(struct parent *p, struct asked_row *row, const char *sentence)
{
	row->number = 0;
	control_refuse(p->control, row->client, EXIT_STATUS_INTERNAL, sentence);
}

static void on_look(uv_timer_t *timer)
{
	struct parent *p = timer->data;
	bool somebody_waits = false;
	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct asked_row *row = &p->asked.rows[i];
		if (row->number && clock_monotonic_us() >= row->until_us)
			give_up(p, row, "the gate did not answer in time");
		somebody_waits |= row->number != 0;
	}
	if (!somebody_waits)
		uv_timer_stop(timer);
}

void asked_send(struct parent *p, enum role_id role, uint64_t client, struct view request)
{
	struct asked *a = &p->asked;
	const struct process *process = &p->processes[role];
	struct asked_row *row = find(a, 0);
	if (++a->last_number == 0)
		a->last_number = 1;
	if (!row) {
		control_refuse(p->control, client, EXIT_STATUS_INTERNAL,
		               "too many questions to the gate are under way");
		return;
	}
	if (!process_is_wanted(process)) {
		control_refuse(p->control, client, EXIT_STATUS_USAGE,
		               "the settings have no such gate: its mode is off");
		return;
	}
	if (process->state != PROCESS_READY ||
	    protocol_send_ask(process->fd, a->last_number, request) < 0) {
		control_refuse(p->control, client, EXIT_STATUS_INTERNAL,
		               "the gate cannot be asked now: it is being started");
		return;
	}
	*row = (struct asked_row){.number = a->last_number,
	                          .role = role,
	                          .client = client,
	                          .until_us = clock_monotonic_us() + INT64_C(1000) * ASKED_WAIT_MS};
	if (!uv_is_active((uv_handle_t *)&a->timer))
		uv_timer_start(&a->timer, on_look, LOOK_MS, LOOK_MS);
}

static int read_reply(struct message *m, struct buffer *out)
{
	cleanup(memory) struct memory reply = MEMORY_NONE;
	int code = memory_open_sealed(message_take_fd(m, 0), &reply);
	if (code < 0)
		return code;
	if (reply.size > ASKED_REPLY_MAX)
		return ERR_LIMIT;
	buffer_add_view(out, memory_view(&reply));
	return out->failed ? -ENOMEM : OK;
}

void asked_reply(struct parent *p, enum role_id role, struct message *m)
{
	uint32_t number;
	int code = protocol_read_reply(m, &number);
	struct asked_row *row = code == OK && number ? find(&p->asked, number) : NULL;
	if (!row || row->role != role) /* it came after its time */
		return;
	struct buffer out = {0};
	code = read_reply(m, &out);
	if (code < 0) {
		buffer_done(&out);
		give_up(p, row, "the gate gave an answer that cannot be read");
		return;
	}
	row->number = 0;
	control_answer(p->control, row->client, &out);
}

void asked_role_ended(struct parent *p, enum role_id role)
{
	for (size_t i = 0; i < ASKED_MAX; i++) {
		struct asked_row *row = &p->asked.rows[i];
		if (row->number && row->role == role)
			give_up(p, row, "the gate ended before it answered");
	}
}
