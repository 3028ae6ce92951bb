using System.Buffers;
using System.Diagnostics;

namespace Agb.Linux;

/// <summary>The settings of a program run.</summary>
internal sealed record ProcessRunRequest
{
    /// <summary>The program's absolute path, and its arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>All of its environment, as NAME=value.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>The mark for the program and its descendants.</summary>
    public ulong? Tag { get; init; }

    /// <summary>Starts the program from a prepared thread (<see cref="SpawnThread"/>, <see cref="ThreadConfinement"/>). Null
    /// for a plain start.</summary>
    public Func<Func<int>, int>? Starter { get; init; }

    /// <summary>Starts the program elsewhere than as a child of this process; the settings above have no effect then. Null for a
    /// child.</summary>
    public Func<ProcessStreams, IRunningProcess>? Launch { get; init; }

    /// <summary>The maximum number of bytes to keep of each of stdout and stderr.</summary>
    public int MaxOutputBytes { get; init; } = 64 * 1024;

    /// <summary>Whether stdout is kept; else it goes to <see cref="Output"/> alone, by a larger pipe.</summary>
    public bool KeepsStdout { get; init; } = true;

    /// <summary>The owner of its pipes, for reopening them by /dev/stdout and the like; null for this process's user.</summary>
    public (uint User, uint Group)? PipeOwner { get; init; }

    /// <summary>The time limit; the program is killed after it.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Ends the program and its descendants, at the time limit or on cancellation. It must not reap the child itself.
    /// Null to kill the child alone.</summary>
    public Action<PidFd>? Kill { get; init; }

    /// <summary>Called with each of stdout and stderr still held by a descendant after the program's end. Null to close them.</summary>
    public Action<ProcessDescriptor>? LeaveOpen { get; init; }

    /// <summary>Called at intervals: whether to end the program as at its time limit. Null for never.</summary>
    public Func<bool>? IsOver { get; init; }

    /// <summary>The interval between calls of <see cref="IsOver"/>.</summary>
    public TimeSpan LookInterval { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>The stream for its stdin, read until the end of the stream or of the program. Null for none.</summary>
    public Stream? Input { get; init; }

    /// <summary>Receives the output as it comes, in addition to the kept part. Null for none.</summary>
    public IProcessOutput? Output { get; init; }
}

/// <summary>The descriptors of a program to be started.</summary>
/// <param name="Input">Its stdin; null for none.</param>
/// <param name="Output">Its stdout.</param>
/// <param name="Errors">Its stderr.</param>
internal readonly record struct ProcessStreams(ProcessDescriptor? Input, ProcessDescriptor Output, ProcessDescriptor Errors);

/// <summary>Takes the output of a running program. Used by one thread at a time.</summary>
internal interface IProcessOutput
{
    /// <summary>Whether it can take no more for now; the pipes are then left alone.</summary>
    bool IsFull { get; }

    /// <summary>A descriptor, readable when there may be room again.</summary>
    ProcessDescriptor Room { get; }

    /// <summary>Takes bytes of stdout or stderr, even if it is full.</summary>
    void Take(bool isStderr, ReadOnlySpan<byte> bytes);

    /// <summary>Checks for room, after <see cref="Room"/> was readable.</summary>
    void Resume();
}

/// <summary>The result of a program run.</summary>
internal sealed record ProcessRunResult(
    int ExitCode, int? Signal, bool TimedOut, ProcessCaptured Stdout, ProcessCaptured Stderr);

/// <summary>The kept bytes of a stream, and whether there were more.</summary>
internal readonly record struct ProcessCaptured(byte[] Bytes, bool Truncated);

/// <summary>Runs a program to its end and captures its output.</summary>
internal static class ProcessRun
{
    private const int BufferBytes = 64 * 1024;

    // The work is a few system calls and a copy; the default stack of 1.5 to 8 MiB is too large for it.
    private const int StackBytes = 512 * 1024;

    private enum End
    {
        Exited,
        TimedOut,
        Cancelled,
        IsOver,
    }

    /// <summary>The descriptors of a running program.</summary>
    private readonly record struct RunningProgram(
        IRunningProcess Child, ProcessCapture Stdout, ProcessCapture Stderr, ProcessDescriptor Cancel);

    /// <summary>Runs a program. One thread per running program waits in poll(2), so the thread pool stays free.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, and the program killed.</exception>
    /// <exception cref="IOException">The program could not be started, or its status was lost; HResult is the errno.</exception>
    public static Task<ProcessRunResult> RunAsync(ProcessRunRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return OnThread("agb-command", () => Run(request, cancellationToken));
    }

    /// <summary>Runs blocking work on a separate thread.</summary>
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
        using var child = Begin(request, new(stdin?.ReadEnd, stdout.WriteEnd, stderr.WriteEnd));
        stdout.WriteEnd.Dispose();
        stderr.WriteEnd.Dispose();
        stdin?.Begin();
        // Registered last: an immediate callback finds everything in place.
        using var registration = cancellationToken.UnsafeRegister(static state => ((ProcessDescriptor)state!).Signal(), cancel);

        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var end = Pump(new(child, stdout, stderr, cancel), request, buffer, request.Timeout - Stopwatch.GetElapsedTime(start));
            if (end != End.Exited)
            {
                Kill(request, child.Process);
            }
            var (exitCode, signal) = child.TakeStatus();
            // All output of the program is in the pipes now.
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
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IRunningProcess Begin(ProcessRunRequest request, ProcessStreams streams)
    {
        if (request.Launch is { } launch)
        {
            return launch(streams);
        }
        int Spawn() => ProcessSpawn.Start(request.Arguments, request.Environment, streams.Input, streams.Output, streams.Errors, request.Tag);
        return new ChildProcess(request.Starter is { } starter ? starter(Spawn) : Spawn());
    }

    private static End Pump(RunningProgram program, ProcessRunRequest request, byte[] buffer, TimeSpan limit)
    {
        var (child, stdout, stderr, cancel) = program;
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
            // While the output is full the pipes fill up, and the program waits in its next write.
            var full = output is { IsFull: true } ? output : null;
            if (!ProcessWait.Any(
                [child.Ended, cancel, full is null ? stdout.ReadEnd : null, full is null ? stderr.ReadEnd : null, full?.Room],
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
            // A program with output without a pause must not outrun its time limit.
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
