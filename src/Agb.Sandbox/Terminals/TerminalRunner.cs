namespace Agb.Sandbox;

/// <summary>Starts shells on terminals in sandboxes.</summary>
/// <remarks>The terminal belongs to the sandbox's devpts: it has a name there, and programs inside can't reach a terminal of
/// the host, for instance to fake input (TIOCSTI). The shell enters like every command: see <see cref="CommandEntry"/>.</remarks>
internal static class TerminalRunner
{
    /// <summary>Starts a shell.</summary>
    public static async Task<IAgbTerminal> OpenAsync(
        SandboxHandle handle, AgbImage image, AgbTerminalRequest request, CancellationToken cancellationToken)
    {
        handle.RequireAlive();
        var directory = request.WorkingDirectory ?? image.HomeDirectory;
        if (!await CommandRunner.DirectoryExistsAsync(handle, directory, cancellationToken).ConfigureAwait(false))
        {
            handle.RequireAlive();
            throw CommandRunner.DirectoryNotFound(directory);
        }
        var variables = new Dictionary<string, string>(request.Environment, StringComparer.Ordinal) { ["TERM"] = request.TerminalType };
        var arguments = CommandEntry.Build(
            handle, directory, SessionEnvironment.Build(image, variables), [handle.Shell, "-i"], CommandEntry.HasPlainEnv(image));
        cancellationToken.ThrowIfCancellationRequested();
        return await ProcessRun.OnThread<IAgbTerminal>("agb-terminal-start", () => Start(handle, request, arguments)).ConfigureAwait(false);
    }

    /// <summary>Makes the terminal and starts the shell.</summary>
    private static SessionTerminal Start(SandboxHandle handle, AgbTerminalRequest request, IReadOnlyList<string> arguments)
    {
        using var devices = SessionRootView.Open(handle, "/dev/pts");
        var (master, terminal) = TerminalDevice.Make(devices, SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        // The shell alone keeps the terminal open, so the terminal ends with it.
        using (terminal)
        {
            try
            {
                TerminalDevice.SetSize(master, request.Size.Columns, request.Size.Rows);
                var tag = ProcessTag.New();
                var watch = new LimitWatch(handle);
                var pid = ConfinedStart.Start(() => ProcessSpawn.StartOn(arguments, HostTools.Environment, terminal, tag));
                return new SessionTerminal(master, pid, entrance => TaggedProcesses.KillCommand(entrance, tag, handle.InitPid), watch);
            }
            catch
            {
                master.Dispose();
                throw;
            }
        }
    }
}
