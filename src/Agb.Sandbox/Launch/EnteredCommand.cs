namespace Agb.Sandbox;

/// <summary>Commands in sandboxes of older versions, without a launcher: they enter from outside (<see cref="CommandEntry"/>).</summary>
internal static class EnteredCommand
{
    // The exit code of env(1) for its own failures.
    private const int EnvFailed = 125;

    /// <summary>The settings common to all programs entering a sandbox.</summary>
    public static ProcessRunRequest Request(SandboxHandle handle, IReadOnlyList<string> arguments, TimeSpan timeout)
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

    /// <summary>Requires that the failed command had begun.</summary>
    public static async Task RequireEnteredAsync(
        SandboxHandle handle, string directory, ProcessRunResult result, AgbLimitKind? limit, CancellationToken cancellationToken)
    {
        LimitEntry.RequireGroups(handle, result);
        if (result.Stderr.Bytes.AsSpan().StartsWith("nsenter: "u8))
        {
            handle.RequireAlive();
            if (result.Stdout.Bytes.Length == 0)
            {
                LimitEntry.RequireRoom(handle, limit, Said(result));
            }
        }
        if (result.ExitCode == EnvFailed && result.Stdout.Bytes.Length == 0
            && !await DirectoryExistsAsync(handle, directory, cancellationToken).ConfigureAwait(false))
        {
            // The message of env or the shell: "...: No such file or directory".
            throw CommandRunner.DirectoryNotFound(directory, Said(result).Split(": ")[^1]);
        }
    }

    /// <summary>Asks the session: the command itself may have ended with this exit code.</summary>
    internal static async Task<bool> DirectoryExistsAsync(SandboxHandle handle, string directory, CancellationToken cancellationToken)
    {
        var arguments = CommandEntry.Build(
            handle, "/", new Dictionary<string, string>(), ["/bin/sh", "-c", "cd -- \"$1\"", "sh", directory],
            shellChangesDirectory: true);
        var result = await ProcessRun.RunAsync(
            Request(handle, arguments, TimeSpan.FromSeconds(10)) with { MaxOutputBytes = 1024 }, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 && result.Stderr.Bytes.AsSpan().StartsWith("nsenter: "u8))
        {
            handle.RequireAlive();
            LimitEntry.RequireRoom(handle, limit: null, Said(result));
        }
        LimitEntry.RequireGroups(handle, result);
        return result.ExitCode == 0;
    }

    private static string Said(ProcessRunResult result) => Encoding.UTF8.GetString(result.Stderr.Bytes).Trim();
}
