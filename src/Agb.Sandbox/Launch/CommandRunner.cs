namespace Agb.Sandbox;

/// <summary>Runs commands in sandboxes, as children of the sandbox's launcher.</summary>
internal static class CommandRunner
{
    // The exit code of shells for a command killed by SIGKILL.
    private const int KilledExitCode = 128 + PidFd.SIGKILL;

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
        var words = Words(handle, request);
        var run = handle.Launcher is null
            ? EnteredCommand.Request(handle, CommandEntry.Build(handle, directory, environment, words, CommandEntry.HasPlainEnv(image)), request.Timeout)
            : Launched(handle, new LaunchRequest(ProcessTag.Below(handle.Tag!.Value), directory, words, environment), request.Timeout);
        var result = await StartAsync(
            handle, watch,
            run with
            {
                MaxOutputBytes = request.MaxOutputBytes,
                KeepsStdout = request.Output is null,
                IsOver = watch.Interval < TimeSpan.Zero ? null : watch.IsOver,
                LookInterval = watch.Interval,
                Input = request.Input,
                Output = output,
            },
            directory,
            cancellationToken).ConfigureAwait(false);
        var limit = watch.Reached(result.ExitCode, result.Signal);
        var killed = result.TimedOut || watch.HasEnded;
        if (result.ExitCode != 0 && !killed)
        {
            if (result.Signal == PidFd.SIGKILL)
            {
                // Killed by the end of the session?
                RequireAlive(handle, limit);
            }
            if (handle.Launcher is null)
            {
                await EnteredCommand.RequireEnteredAsync(handle, directory, result, limit, cancellationToken).ConfigureAwait(false);
            }
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

    /// <summary>The error of a working directory that can't be entered.</summary>
    internal static AgbException DirectoryNotFound(string directory, string? reason = null) => new(
        AgbErrorIds.WorkingDirectoryNotFound, AgbErrorKind.NotFound,
        $"The working directory '{directory}' can't be entered in the session{(reason is null ? "" : $": {reason}")}.",
        "Create it first, or name another one.", directory);

    /// <summary>The error of a program that the launcher did not start, or of a launcher that is gone.</summary>
    /// <param name="handle">The sandbox.</param>
    /// <param name="limit">The limit reached meanwhile, or null.</param>
    /// <param name="error">The error.</param>
    /// <param name="directory">The working directory.</param>
    internal static Exception Failure(SandboxHandle handle, AgbLimitKind? limit, IOException error, string directory)
    {
        RequireAlive(handle, limit);
        switch (error)
        {
            case LaunchException { Step: LaunchStep.Directory } e:
                return DirectoryNotFound(directory, e.Reason);
            case { HResult: Errno.E2BIG }:
                return new AgbException(
                    AgbErrorIds.InvalidEnvironment, AgbErrorKind.InvalidInput,
                    "The command, its arguments and its environment variables exceed the limit of this host for one program (execve(2), E2BIG).",
                    "Pass the data by stdin or in a file.", inner: error);
            case { HResult: Errno.ECHILD }:
                return new AgbException(
                    AgbErrorIds.UnexpectedError, AgbErrorKind.Failed,
                    "The command has ended, but another part of this process has collected its exit status.",
                    "Start this process without ignoring SIGCHLD.", inner: error);
            case LaunchException:
                LimitEntry.RequireRoom(handle, limit, error.Message);
                return new AgbException(
                    AgbErrorIds.UnexpectedError, AgbErrorKind.Failed, $"The command could not be started in the session: {error.Message}.", inner: error);
            case { HResult: Errno.EACCES }:
                return new AgbException(
                    AgbErrorIds.AccessDenied, AgbErrorKind.PermissionDenied, "This process may not start programs in the session: its launcher belongs to another user.",
                    "Use the session from the account of its creator.", inner: error);
            default:
                return error;
        }
    }

    private static async Task<ProcessRunResult> StartAsync(
        SandboxHandle handle, LimitWatch watch, ProcessRunRequest request, string directory, CancellationToken cancellationToken)
    {
        try
        {
            return await ProcessRun.RunAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e) when (e is LaunchException || handle.Launcher is not null || e.HResult is Errno.E2BIG or Errno.ECHILD)
        {
            throw Failure(handle, watch.Reached(), e, directory);
        }
    }

    private static ProcessRunRequest Launched(SandboxHandle handle, LaunchRequest program, TimeSpan timeout) => new()
    {
        Arguments = program.Arguments,
        Environment = [],
        Launch = streams => LaunchedProcess.Start(handle.Launcher!, program, streams.Input, streams.Output, streams.Errors),
        Timeout = timeout,
        PipeOwner = SandboxIdentity.PipeOwner,
        Kill = process => TaggedProcesses.KillLaunched(process, program.Tag, handle.InitPid),
        LeaveOpen = OutputDrain.Attach,
    };

    // The shell's $0 is its own path, with and without arguments: its messages begin with it.
    private static string[] Words(SandboxHandle handle, AgbCommandRequest request) => request.Arguments.Count == 0
        ? [handle.Shell, "-c", request.Command]
        : [handle.Shell, "-c", request.Command, handle.Shell, .. request.Arguments];

    private static void RequireAlive(SandboxHandle handle, AgbLimitKind? limit)
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
        handle.RequireAlive();
    }
}
