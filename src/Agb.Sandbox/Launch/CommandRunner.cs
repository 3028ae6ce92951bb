using System.Text;

namespace Agb.Sandbox;

/// <summary>Runs commands in sandboxes.</summary>
internal static class CommandRunner
{
    // The exit code of shells for a command killed by SIGKILL.
    private const int KilledExitCode = 128 + PidFd.SIGKILL;

    // The exit code of env(1) for its own failures.
    private const int EnvFailed = 125;

    /// <summary>Runs a command to its end, its time limit or its cancellation.</summary>
    public static async Task<CommandOutcome> RunAsync(
        SandboxHandle handle, AgbImage image, AgbCommandRequest request, IProcessOutput? output, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        handle.RequireAlive();
        var directory = request.WorkingDirectory ?? image.HomeDirectory;
        var environment = SessionEnvironment.Build(image, request.Environment);
        var watch = new LimitWatch(handle);
        var arguments = CommandEntry.Build(handle, directory, environment, Words(handle, request), CommandEntry.HasPlainEnv(image));
        var result = await EnterAsync(
            Entrance(handle, arguments, request.Timeout) with
            {
                MaxOutputBytes = request.MaxOutputBytes,
                KeepsStdout = request.Output is null,
                IsOver = watch.Interval < TimeSpan.Zero ? null : watch.IsOver,
                LookInterval = watch.Interval,
                Input = request.Input,
                Output = output,
            },
            cancellationToken).ConfigureAwait(false);
        var limit = watch.Reached(result.ExitCode, result.Signal);
        var killed = result.TimedOut || watch.HasEnded;
        if (result.ExitCode != 0 && !killed)
        {
            await RequireEnteredAsync(handle, directory, result, limit, cancellationToken).ConfigureAwait(false);
        }
        return new CommandOutcome
        {
            ExitCode = killed ? KilledExitCode : result.ExitCode,
            Signal = killed ? PidFd.SIGKILL : result.Signal,
            TimedOut = result.TimedOut,
            LimitReached = limit,
            Stdout = result.Stdout.Bytes,
            Stderr = result.Stderr.Bytes,
            StdoutTruncated = result.Stdout.Truncated,
            StderrTruncated = result.Stderr.Truncated,
            Duration = time.GetElapsedTime(start),
        };
    }

    // The shell's $0 is its own path, with and without arguments: its messages begin with it.
    private static string[] Words(SandboxHandle handle, AgbCommandRequest request) => request.Arguments.Count == 0
        ? [handle.Shell, "-c", request.Command]
        : [handle.Shell, "-c", request.Command, handle.Shell, .. request.Arguments];

    /// <summary>The settings common to all programs entering a sandbox.</summary>
    private static ProcessRunRequest Entrance(SandboxHandle handle, IReadOnlyList<string> arguments, TimeSpan timeout)
    {
        var tag = ProcessTag.New();
        return new ProcessRunRequest
        {
            Arguments = arguments,
            Environment = HostTools.Environment,
            Tag = tag,
            Starter = ConfinedStart.Start,
            Timeout = timeout,
            PipeOwner = SandboxIdentity.PipeOwner,
            Kill = entrance => TaggedProcesses.KillCommand(entrance, tag, handle.InitPid),
            LeaveOpen = OutputDrain.Attach,
        };
    }

    private static async Task<ProcessRunResult> EnterAsync(ProcessRunRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await ProcessRun.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e.HResult == ProcessLibc.E2BIG)
        {
            throw new AgbException(
                AgbErrorIds.InvalidEnvironment, AgbErrorKind.InvalidInput,
                "The command, its arguments and its environment variables exceed the limit of this host for one program (execve(2), E2BIG).",
                "Pass the data by stdin or in a file.", inner: e);
        }
        catch (IOException e) when (e.HResult == ProcessLibc.ECHILD)
        {
            throw new AgbException(
                AgbErrorIds.UnexpectedError, AgbErrorKind.Failed,
                "The command has ended, but another part of this process has collected its exit status.",
                "Start this process without ignoring SIGCHLD.", inner: e);
        }
    }

    /// <summary>Requires that the failed command had begun.</summary>
    private static async Task RequireEnteredAsync(
        SandboxHandle handle, string directory, ProcessRunResult result, AgbLimitKind? limit, CancellationToken cancellationToken)
    {
        LimitEntry.RequireGroups(handle, result);
        var diedByKill = result.Signal == PidFd.SIGKILL;
        var entranceFailed = result.Stderr.Bytes.AsSpan().StartsWith("nsenter: "u8);
        if (diedByKill || entranceFailed)
        {
            if (limit == AgbLimitKind.Memory && !handle.IsAlive)
            {
                throw new AgbException(
                    AgbErrorIds.SessionNotRunning, AgbErrorKind.InvalidState,
                    "The session's sandbox does not run any more: at its memory limit the kernel ended all of its processes.")
                {
                    Advice = AgbAdvice.CreateLargerSession,
                };
            }
            // Killed by the end of the session?
            handle.RequireAlive();
        }
        if (entranceFailed && result.Stdout.Bytes.Length == 0)
        {
            LimitEntry.RequireRoom(handle, limit, result);
        }
        if (result.ExitCode == EnvFailed && result.Stdout.Bytes.Length == 0
            && !await DirectoryExistsAsync(handle, directory, cancellationToken).ConfigureAwait(false))
        {
            // The message of env or the shell: "...: No such file or directory".
            throw DirectoryNotFound(directory, Encoding.UTF8.GetString(result.Stderr.Bytes).Trim().Split(": ")[^1]);
        }
    }

    internal static AgbException DirectoryNotFound(string directory, string? reason = null) => new(
        AgbErrorIds.WorkingDirectoryNotFound, AgbErrorKind.NotFound,
        $"The working directory '{directory}' can't be entered in the session{(reason is null ? "" : $": {reason}")}.",
        "Create it first, or name another one.", directory);

    /// <summary>Asks the session: the command itself may have ended with this exit code.</summary>
    internal static async Task<bool> DirectoryExistsAsync(SandboxHandle handle, string directory, CancellationToken cancellationToken)
    {
        var arguments = CommandEntry.Build(
            handle, "/", new Dictionary<string, string>(), ["/bin/sh", "-c", "cd -- \"$1\"", "sh", directory],
            shellChangesDirectory: true);
        var result = await EnterAsync(
            Entrance(handle, arguments, TimeSpan.FromSeconds(10)) with { MaxOutputBytes = 1024 }, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 && result.Stderr.Bytes.AsSpan().StartsWith("nsenter: "u8))
        {
            handle.RequireAlive();
            LimitEntry.RequireRoom(handle, limit: null, result);
        }
        LimitEntry.RequireGroups(handle, result);
        return result.ExitCode == 0;
    }
}
