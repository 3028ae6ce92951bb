using System.Buffers;
using System.Diagnostics;

namespace Agb.Linux;

/// <summary>How a program shall be run.</summary>
internal sealed record ProcessRunRequest
{
    /// <summary>The program's absolute path, and its arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>All of its environment, as NAME=value.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>A mark for it and its descendants.</summary>
    public ulong? Tag { get; init; }

    /// <summary>Has it started by a thread that is prepared for it (<see cref="SpawnThread"/>, <see cref="ThreadConfinement"/>). Null to start it
    /// as it is.</summary>
    public Func<Func<int>, int>? Starter { get; init; }

    /// <summary>The most bytes of each of stdout and stderr to keep.</summary>
    public int MaxOutputBytes { get; init; } = 64 * 1024;

    /// <summary>Whether stdout is kept; else it goes to <see cref="Output"/> alone, by a pipe that holds more.</summary>
    public bool KeepsStdout { get; init; } = true;

    /// <summary>Whose its pipes shall be, so that it can open them again by /dev/stdout and the like; null for this process's user.</summary>
    public (uint User, uint Group)? PipeOwner { get; init; }

    /// <summary>After this time it is killed.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Ends it and what it started, at its time limit or on cancellation. It must not reap the child itself.
    /// Null to kill the child alone.</summary>
    public Action<PidFd>? Kill { get; init; }

    /// <summary>Called with each of stdout and stderr that a descendant still holds when the program itself has ended.
    /// Null to close them.</summary>
    public Action<ProcessDescriptor>? LeaveOpen { get; init; }

    /// <summary>Looked at now and then: whether to end the program as at its time limit. Null for never.</summary>
    public Func<bool>? IsOver { get; init; }

    /// <summary>How often to look.</summary>
    public TimeSpan LookInterval { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>What it reads from stdin, until its end or the program's. Null for nothing.</summary>
    public Stream? Input { get; init; }

    /// <summary>Gets the output as it comes, besides what is kept of it. Null for none.</summary>
    public IProcessOutput? Output { get; init; }
}

/// <summary>Takes the output of a program while it runs. Used by one thread at a time.</summary>
internal interface IProcessOutput
{
    /// <summary>Whether it can take no more for now, so that the pipes shall be left alone.</summary>
    bool IsFull { get; }

    /// <summary>What becomes readable when there may be room again.</summary>
    ProcessDescriptor Room { get; }

    /// <summary>Takes bytes of stdout, or of stderr. It takes them also when it is full.</summary>
    void Take(bool isStderr, ReadOnlySpan<byte> bytes);

    /// <summary>Looks for room after <see cref="Room"/> was readable.</summary>
    void Resume();
}

/// <summary>What a program did.</summary>
internal sealed record ProcessRunResult(
    int ExitCode, int? Signal, bool TimedOut, ProcessCaptured Stdout, ProcessCaptured Stderr);

/// <summary>The bytes kept of a stream, and whether there were more.</summary>
internal readonly record struct ProcessCaptured(byte[] Bytes, bool Truncated);

/// <summary>Runs a program to its end and captures its output.</summary>
internal static class ProcessRun
{
    private const int BufferBytes = 64 * 1024;

    // The work is a few system calls and a copy; the default of 1.5 to 8 MiB of stack is for other things.
    private const int StackBytes = 512 * 1024;

    private enum End
    {
        Exited,
        TimedOut,
        Cancelled,
        IsOver,
    }

    /// <summary>Runs a program. One thread per running program waits in poll(2), so the thread pool stays free.</summary>
    /// <exception cref="OperationCanceledException">It was killed because of the token.</exception>
    /// <exception cref="IOException">It could not be started, or its status was lost; HResult is the errno.</exception>
    public static Task<ProcessRunResult> RunAsync(ProcessRunRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return OnThread("agb-command", () => Run(request, cancellationToken));
    }

    /// <summary>Runs blocking work on a thread of its own.</summary>
    public static Task<T> OnThread<T>(string name, Func<T> work)
    {
        // Continuations run elsewhere: this thread ends at once.
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    completion.SetResult(work());
                }
                catch (OperationCanceledException e)
                {
                    completion.SetCanceled(e.CancellationToken);
                }
                catch (Exception e)
                {
                    completion.SetException(e);
                }
            },
            StackBytes)
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return completion.Task;
    }

    private static ProcessRunResult Run(ProcessRunRequest request, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var stdout = new ProcessCapture(
            request.KeepsStdout ? request.MaxOutputBytes : 0, Tap(request.Output, isStderr: false), request.PipeOwner);
        if (!request.KeepsStdout)
        {
            stdout.WriteEnd.Widen();
        }
        using var stderr = new ProcessCapture(request.MaxOutputBytes, Tap(request.Output, isStderr: true), request.PipeOwner);
        using var cancel = ProcessDescriptor.Event();
        using var stdin = request.Input is { } source ? new ProcessInput(source, failed: cancel.Signal, request.PipeOwner) : null;
        int Spawn() => ProcessSpawn.Start(
            request.Arguments, request.Environment, stdin?.ReadEnd, stdout.WriteEnd, stderr.WriteEnd, request.Tag);
        var pid = request.Starter is { } starter ? starter(Spawn) : Spawn();
        // Not reaped yet, so the pid is the child's own whatever became of it.
        using var child = PidFd.TryOpen(pid) ?? throw ProcessLibc.Error($"pidfd_open({pid})", ProcessLibc.ESRCH);
        stdout.WriteEnd.Dispose();
        stderr.WriteEnd.Dispose();
        stdin?.Begin();
        // Registered last: a callback that runs at once finds everything in place.
        using var registration = cancellationToken.UnsafeRegister(static state => ((ProcessDescriptor)state!).Signal(), cancel);

        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var reaped = false;
        try
        {
            var end = Pump(child, stdout, stderr, cancel, request, buffer, request.Timeout - Stopwatch.GetElapsedTime(start));
            if (end != End.Exited)
            {
                Kill(request, child);
            }
            reaped = true;
            var (exitCode, signal) = ProcessSpawn.Reap(pid);
            // Whatever the program wrote is in the pipes now.
            stdout.ReadRest(buffer);
            stderr.ReadRest(buffer);
            if (end == End.Cancelled)
            {
                stdin?.ThrowIfFailed();
                throw new OperationCanceledException(cancellationToken);
            }
            LeaveOpen(request, stdout);
            LeaveOpen(request, stderr);
            return new ProcessRunResult(
                exitCode, signal, end == End.TimedOut,
                new(stdout.ToArray(), request.KeepsStdout && stdout.Truncated), new(stderr.ToArray(), stderr.Truncated));
        }
        finally
        {
            if (!reaped)
            {
                child.Send(PidFd.SIGKILL);
                ProcessSpawn.Discard(pid);
            }
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static End Pump(
        PidFd child, ProcessCapture stdout, ProcessCapture stderr, ProcessDescriptor cancel, ProcessRunRequest request, byte[] buffer,
        TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        var looked = start;
        var output = request.Output;
        Span<short> returned = stackalloc short[5];
        while (true)
        {
            if (request.IsOver is { } isOver && Stopwatch.GetElapsedTime(looked) >= request.LookInterval)
            {
                if (isOver())
                {
                    return End.IsOver;
                }
                looked = Stopwatch.GetTimestamp();
            }
            var left = limit - Stopwatch.GetElapsedTime(start);
            var wait = request.IsOver is not null && request.LookInterval < left ? request.LookInterval : left;
            // While nobody takes the output the pipes fill up, and the program waits in its next write.
            var full = output is { IsFull: true } ? output : null;
            if (!ProcessWait.Any(
                [child.Descriptor, cancel, full is null ? stdout.ReadEnd : null, full is null ? stderr.ReadEnd : null, full?.Room],
                returned,
                wait > TimeSpan.Zero ? wait : TimeSpan.Zero))
            {
                if (wait < left)
                {
                    continue;
                }
                return End.TimedOut;
            }
            if (returned[0] != 0)
            {
                return End.Exited;
            }
            if (returned[1] != 0)
            {
                return End.Cancelled;
            }
            // A program that writes without a pause must not outrun its time limit.
            if (left <= TimeSpan.Zero)
            {
                return End.TimedOut;
            }
            if (returned[2] != 0)
            {
                stdout.ReadSome(buffer);
            }
            if (returned[3] != 0)
            {
                stderr.ReadSome(buffer);
            }
            if (returned[4] != 0)
            {
                full?.Resume();
            }
        }
    }

    private static ProcessTap? Tap(IProcessOutput? output, bool isStderr) =>
        output is null ? null : bytes => output.Take(isStderr, bytes);

    private static void Kill(ProcessRunRequest request, PidFd child)
    {
        try
        {
            request.Kill?.Invoke(child);
        }
        finally
        {
            child.Send(PidFd.SIGKILL);
        }
    }

    private static void LeaveOpen(ProcessRunRequest request, ProcessCapture capture)
    {
        if (capture.ReadEnd is { } end)
        {
            request.LeaveOpen?.Invoke(end);
        }
    }
}
