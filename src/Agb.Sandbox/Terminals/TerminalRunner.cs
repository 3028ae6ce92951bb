namespace Agb.Sandbox;

/// <summary>Starts shells on terminals in sandboxes.</summary>
/// <remarks>The terminal belongs to the sandbox's devpts: it has a name there, and programs inside can't reach a terminal of
/// the host, for instance to fake input (TIOCSTI). The shell is started like every command.</remarks>
internal static class TerminalRunner
{
    /// <summary>Starts a shell.</summary>
    public static async Task<IAgbTerminal> OpenAsync(
        SandboxHandle handle, AgbImage image, AgbTerminalRequest request, CancellationToken cancellationToken)
    {
        handle.RequireAlive();
        var directory = request.WorkingDirectory ?? image.HomeDirectory;
        var variables = new Dictionary<string, string>(request.Environment, StringComparer.Ordinal) { ["TERM"] = request.TerminalType };
        var environment = SessionEnvironment.Build(image, variables);
        string[] shell = [handle.Shell, "-i"];
        Func<ProcessDescriptor, (IRunningProcess, Action<PidFd>)> start;
        if (handle.Launcher is { } launcher)
        {
            var program = new LaunchRequest(ProcessTag.Below(handle.Tag!.Value), directory, shell, environment, OnTerminal: true);
            start = terminal => (LaunchedProcess.Start(launcher, program, terminal, terminal, terminal), p => TaggedProcesses.KillLaunched(p, program.Tag, handle.InitPid));
        }
        else
        {
            if (!await EnteredCommand.DirectoryExistsAsync(handle, directory, cancellationToken).ConfigureAwait(false))
            {
                handle.RequireAlive();
                throw CommandRunner.DirectoryNotFound(directory);
            }
            var arguments = CommandEntry.Build(handle, directory, environment, shell, CommandEntry.HasPlainEnv(image));
            var tag = ProcessTag.New();
            start = terminal => (
                new ChildProcess(ConfinedStart.Start(() => ProcessSpawn.StartOn(arguments, HostTools.Environment, terminal, tag))),
                p => TaggedProcesses.KillCommand(p, tag, handle.InitPid));
        }
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await ProcessRun.OnThread<IAgbTerminal>("agb-terminal-start", () => Start(handle, request, start)).ConfigureAwait(false);
        }
        catch (IOException e) when (handle.Launcher is not null)
        {
            throw CommandRunner.Failure(handle, limit: null, e, directory);
        }
    }

    /// <summary>Makes the terminal and starts the shell.</summary>
    private static SessionTerminal Start(
        SandboxHandle handle, AgbTerminalRequest request, Func<ProcessDescriptor, (IRunningProcess Shell, Action<PidFd> Kill)> start)
    {
        using var devices = SessionRootView.Open(handle, "/dev/pts");
        var (master, terminal) = TerminalDevice.Make(devices, SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        // The shell alone keeps the terminal open, so the terminal ends with it.
        using (terminal)
        {
            try
            {
                TerminalDevice.SetSize(master, request.Size.Columns, request.Size.Rows);
                var watch = new LimitWatch(handle);
                var (shell, kill) = start(terminal);
                return new SessionTerminal(master, shell, kill, watch);
            }
            catch
            {
                master.Dispose();
                throw;
            }
        }
    }
}
