/*
 * tracer.c: runs a program and ends it as kill -9 does at its n-th system call, before the kernel
 * has done anything of that, whichever thread makes it.
 *	tracer N FROM REPORT PROGRAM
 * FROM: `exec` counts from the start, `input` from the first read of standard input. N 0: none is
 * its last. REPORT: a file that gets how many there were.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { STOP_IS_CALL = SIGTRAP | 0x80, FAILED = 125 };

static const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
			    PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL;

static void
fail(const char *what)
{
	perror(what);
	_exit(FAILED);
}

/* Is this thread about to make one that counts? */
static bool
counts(pid_t thread, bool *counting)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	*counting = *counting || (info.entry.nr == SYS_read && info.entry.args[0] == STDIN_FILENO);
	return *counting;
}

static long
trace(pid_t program, long last, bool counting, int *status)
{
	int sig, how;
	pid_t thread;
	long n = 0;

	while ((thread = waitpid(-1, &how, __WALL)) > 0) {
		if (thread == program && !WIFSTOPPED(how))
			*status = how;
		if (!WIFSTOPPED(how))
			continue;
		sig = WSTOPSIG(how);
		if (sig == STOP_IS_CALL && counts(thread, &counting) && ++n == last)
			(void)kill(program, SIGKILL);
		/* A new thread begins stopped, and what only the tracer is to know goes no further. */
		if (sig == STOP_IS_CALL || sig == SIGTRAP || sig == SIGSTOP)
			sig = 0;
		if (ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(long)sig) != 0 && errno != ESRCH)
			fail("ptrace");
	}
	return n;
}

int
main(int argc, char **argv)
{
	int status = 0;
	FILE *report;
	pid_t program;
	long n;

	if (argc != 5)
		return FAILED;
	program = fork();
	if (program == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			fail("ptrace");
		(void)execv(argv[4], argv + 4);
		fail(argv[4]);
	}
	if (program < 0 || waitpid(program, &status, 0) != program || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, program, NULL, (void *)options) != 0 ||
	    ptrace(PTRACE_SYSCALL, program, NULL, NULL) != 0)
		fail("tracer");
	n = trace(program, strtol(argv[1], NULL, 10), strcmp(argv[2], "exec") == 0, &status);
	report = fopen(argv[3], "w");
	if (report == NULL || fprintf(report, "%ld\n", n) < 0 || fclose(report) != 0)
		fail(argv[3]);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
