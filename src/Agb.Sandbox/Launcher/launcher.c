// The first process of a sandbox. It starts commands for the engine, as its own children, so that they are confined like itself, and it
// reaps orphans. C, because a program for this has to be small, to start at once, and to fork without a runtime: the same in a shell
// can't take descriptors or report signals, and a NativeAOT program takes longer to start than the programs that it replaces.
//
// Descriptors at the start: 0 a listening socket (SOCK_SEQPACKET), 1 a pipe for the line "ready SHELL", 2 a log. $1: the process limit, or
// empty; $2: its lifetime in milliseconds, or empty. Each connection is one command, or sets the lifetime anew, by FLAG_LIFETIME. The engine sends one byte with four descriptors: stdin, stdout, stderr, and a file in memory with
// a struct request and, each ended by a 0, the working directory, the arguments and the environment. It gets a struct started with a pidfd,
// and at the end a struct ended. A closed connection leaves its command running.
//
// Session programs can't reach it: as the first process of the namespace it gets no signal from inside, it is not dumpable and so
// can't be traced, and the socket has no name in the sandbox. Integers are the machine's own.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FLAG_TERMINAL = 1, FLAG_LIFETIME = 2 };
enum { STEP_REQUEST = 1, STEP_FORK, STEP_LIMIT, STEP_TERMINAL, STEP_DIRECTORY, STEP_EXEC };
enum { STREAMS = 3, PASSED = 4, FIXED = 2, MOST = 4096 };

// tag: the mark of the command, or the rest of the lifetime in milliseconds, 0 for no end.
struct request { uint64_t tag; uint32_t flags, arguments, variables, reserved; };
struct started { int32_t step, error; };
struct ended { int32_t status; };

// Of pid 0: the request has not come yet.
struct connection { pid_t pid; int socket; };

static struct connection connections[MOST];
static struct pollfd polled[FIXED + MOST];
static int count;
static int64_t deadline;

// Milliseconds since the boot, also those of a suspended machine.
static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void live_for(uint64_t milliseconds)
{
    deadline = milliseconds ? now() + (int64_t)milliseconds : 0;
}

// The end of the first process is the end of the sandbox. A long wait is cut: poll(2) takes an int.
static int time_left(void)
{
    if (!deadline)
        return -1;
    int64_t left = deadline - now();
    if (left <= 0)
        exit(0);
    return left < 1 << 30 ? (int)left : 1 << 30;
}

static void fail(const char *call)
{
    dprintf(STDERR_FILENO, "launcher: %s: %s\n", call, strerror(errno));
    exit(1);
}

static void forget(int i)
{
    close(connections[i].socket);
    connections[i] = connections[--count];
}

// Sends a message; a client that is gone or does not read is no reason to wait.
static void answer(int socket, const void *message, size_t size, int descriptor)
{
    union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control = {0};
    struct iovec part = {(void *)message, size};
    struct msghdr all = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        all.msg_control = &control;
        all.msg_controllen = sizeof control.room;
        struct cmsghdr *header = CMSG_FIRSTHDR(&all);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    sendmsg(socket, &all, MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Receives the descriptors of a request: their number, or -1.
static int receive(int socket, int passed[PASSED])
{
    union { struct cmsghdr header; char room[CMSG_SPACE(PASSED * sizeof(int))]; } control;
    char byte;
    struct iovec part = {&byte, 1};
    struct msghdr all = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(socket, &all, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) <= 0)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&all);
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return 0;
    int n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(passed, CMSG_DATA(header), n * sizeof(int));
    return n;
}

// Points to the strings of a request: the directory, the arguments, a null, the variables, a null.
static char **find_strings(const struct request *request, char *next, char *end, size_t *bytes)
{
    size_t n = (size_t)request->arguments + request->variables + 3;
    *bytes = n * sizeof(char *);
    if (request->arguments == 0 || n > (size_t)(end - next) + 3 || end[-1] != 0)
        return NULL;
    char **strings = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (strings == MAP_FAILED)
        return NULL;
    for (size_t i = 0; i < n - 1; i++) {
        if (i == (size_t)request->arguments + 1)
            continue;
        if (next >= end) {
            munmap(strings, *bytes);
            return NULL;
        }
        strings[i] = next;
        next += strlen(next) + 1;
    }
    return strings;
}

// Starts a program. The child shares the memory until its exec, so it says itself what failed.
static pid_t spawn(const struct request *request, char **strings, const int passed[PASSED], volatile struct started *result)
{
    struct rlimit mark = {request->tag, request->tag};
    sigset_t none;
    sigemptyset(&none);
    result->step = STEP_FORK;
    pid_t pid = vfork();
    if (pid < 0)
        result->error = errno;
    if (pid != 0)
        return pid;
    setsid();
    for (int i = 0; i < STREAMS; i++)
        dup2(passed[i], i);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (request->flags & FLAG_TERMINAL && ioctl(0, TIOCSCTTY, 0) != 0)
        result->step = STEP_TERMINAL;
    else if (setrlimit(RLIMIT_LOCKS, &mark) != 0)
        result->step = STEP_LIMIT;
    else if (chdir(strings[0]) != 0)
        result->step = STEP_DIRECTORY;
    else {
        result->step = 0;
        execve(strings[1], strings + 1, strings + 2 + request->arguments);
        result->step = STEP_EXEC;
    }
    result->error = errno;
    _exit(127);
}

// Starts the command of a connection whose request has come.
static void start(int i, const int passed[PASSED], int n)
{
    volatile struct started result = {STEP_REQUEST, EINVAL};
    struct stat memory;
    char *mapped = MAP_FAILED;
    pid_t pid = -1;
    int process = -1;
    if (n == PASSED && fstat(passed[STREAMS], &memory) == 0 && memory.st_size > (off_t)sizeof(struct request)) {
        mapped = mmap(NULL, memory.st_size, PROT_READ, MAP_PRIVATE, passed[STREAMS], 0);
    }
    if (mapped != MAP_FAILED) {
        const struct request *request = (struct request *)mapped;
        size_t bytes;
        char **strings = request->flags & FLAG_LIFETIME ? NULL : find_strings(request, mapped + sizeof *request, mapped + memory.st_size, &bytes);
        if (request->flags & FLAG_LIFETIME) {
            live_for(request->tag);
            result.step = result.error = 0;
        } else if (strings) {
            pid = spawn(request, strings, passed, &result);
            munmap(strings, bytes);
        }
        munmap(mapped, memory.st_size);
    }
    if (pid > 0 && result.step == 0)
        process = syscall(SYS_pidfd_open, pid, 0);
    struct started said = {result.step, result.error};
    answer(connections[i].socket, &said, sizeof said, process);
    if (process >= 0)
        close(process);
    if (pid > 0 && said.step == 0)
        connections[i].pid = pid;
    else
        forget(i);
}

static void reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (int i = 0; i < count; i++) {
            if (connections[i].pid == pid) {
                struct ended end = {status};
                answer(connections[i].socket, &end, sizeof end, -1);
                forget(i);
                break;
            }
        }
    }
}

// Whether a client gave up before its command was started.
static int has_left(int socket)
{
    struct pollfd client = {socket, 0, 0};
    return poll(&client, 1, 0) > 0 && client.revents & POLLHUP;
}

// Takes the request of a connection, or sees that its client is gone.
static void look(int i)
{
    int passed[PASSED];
    int n = receive(connections[i].socket, passed);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 0 || connections[i].pid != 0)
        forget(i);
    else if (has_left(connections[i].socket))
        forget(i);
    else
        start(i, passed, n);
    for (int k = 0; k < n; k++)
        close(passed[k]);
}

static void serve(int listener, int signals)
{
    struct signalfd_siginfo ignored;
    polled[0] = (struct pollfd){listener, POLLIN, 0};
    polled[1] = (struct pollfd){signals, POLLIN, 0};
    for (;;) {
        // A full table waits for the end of a command.
        polled[0].fd = count < MOST ? listener : -1;
        for (int i = 0; i < count; i++)
            polled[FIXED + i] = (struct pollfd){connections[i].socket, POLLIN, 0};
        if (poll(polled, FIXED + count, time_left()) < 0)
            continue;
        // From the last one, which takes the place of a forgotten one.
        for (int i = count - 1; i >= 0; i--)
            if (polled[FIXED + i].revents)
                look(i);
        if (polled[1].revents) {
            while (read(signals, &ignored, sizeof ignored) > 0)
                ;
            reap();
        }
        if (polled[0].revents && polled[0].fd >= 0) {
            int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (socket >= 0) {
                connections[count++] = (struct connection){0, socket};
                look(count - 1);
            } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
                // No room now: the client waits in the queue.
                poll(polled + 1, 1, 50);
            }
        }
    }
}

// Whether a file can be started: a program, or a script.
static int is_program(const char *path)
{
    char head[4] = {0};
    int file = access(path, X_OK) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return 0;
    int known = read(file, head, sizeof head) == sizeof head && (memcmp(head, "\177ELF", 4) == 0 || memcmp(head, "#!", 2) == 0);
    close(file);
    errno = ENOEXEC;
    return known;
}

int main(int n, char **arguments)
{
    if (n > 1 && arguments[1][0]) {
        struct rlimit processes;
        processes.rlim_cur = processes.rlim_max = strtoull(arguments[1], NULL, 10);
        if (setrlimit(RLIMIT_NPROC, &processes) != 0)
            fail("setrlimit(RLIMIT_NPROC)");
    }
    if (n > 2)
        live_for(strtoull(arguments[2], NULL, 10));
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NAME, "launcher");
    umask(022);
    // Its own directory is no use of a session's tree.
    if (chdir("/") != 0)
        fail("chdir");
    int listener = fcntl(0, F_DUPFD_CLOEXEC, 3);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    int signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (listener < 0 || null < 0 || signals < 0)
        fail("descriptors");
    // Others, such as the one that the session's network lives by, stay open here alone.
    for (int i = 3; i < 64; i++)
        fcntl(i, F_SETFD, FD_CLOEXEC);
    // Before the line "ready", so that a host or a session without room for another process is reported.
    pid_t tried = vfork();
    if (tried == 0)
        _exit(0);
    if (tried < 0)
        fail("fork");
    const char *shell = access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
    if (!is_program(shell))
        fail(shell);
    if (dprintf(STDOUT_FILENO, "ready %s\n", shell) < 0)
        return 1;
    for (int i = 0; i < STREAMS; i++)
        dup2(null, i);
    serve(listener, signals);
}
