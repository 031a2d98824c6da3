/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/course.h"

#include <stdlib.h>

#include "datapath/program.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/keeper.h"

struct release {
	struct letter letter;
	struct program *program;
};

static void open_course(struct letter *letter)
{
	struct packet_course *course = container_of(letter, struct packet_course, letter);
	struct program *program =
		keeper_translate_packet(course->bridge, course->actions, course->bytes, course->n);

	/* The reference that the asker has goes with its program. */
	if (program == course->program)
		program_unref(program);
	course->program = program;
	course->done(course);
}

void course_ask(struct packet_course *course)
{
	course->letter.open = open_course;
	keeper_tell(&course->letter);
}

static void open_release(struct letter *letter)
{
	struct release *release = container_of(letter, struct release, letter);

	program_unref(release->program);
	free(release);
}

void course_release(struct program *take_program)
{
	struct release *release;

	if (!take_program)
		return;
	release = XNEW(struct release);
	release->letter.open = open_release;
	release->program = take_program;
	keeper_tell(&release->letter);
}
