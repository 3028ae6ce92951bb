namespace Agb.Sandbox;

/// <summary>Changes the context mounts of a running sandbox by <see cref="MountCalls"/>.</summary>
/// <param name="canGoBeneath">Whether to try to put a mount beneath another (Linux 6.5).</param>
internal sealed class SandboxMounts(bool canGoBeneath = true) : ISandboxMounts
{
    /// <inheritdoc/>
    public void Attach(SandboxHandle sandbox, string sessionDirectory, IReadOnlyList<SandboxMount> mounts)
    {
        using var calls = Begin(sandbox);
        var made = Make(calls, sessionDirectory, mounts);
        calls.GoInside();
        foreach (var (mount, step) in mounts.Zip(made))
        {
            Guard(mount.Target, () => calls.Attach(step, mount.Target));
        }
        try
        {
            Run(calls);
        }
        catch (AgbException)
        {
            foreach (var attached in SandboxMountTable.Read(sandbox, sessionDirectory).Where(m => mounts.Any(a => a.Name == m.Name)))
            {
                Detach(sandbox, sessionDirectory, attached.Name);
            }
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Replace(SandboxHandle sandbox, string sessionDirectory, SandboxMount mount, string replaced)
    {
        var old = Require(sandbox, sessionDirectory, replaced);
        using (var end = EndOfMount.Watch(sandbox, old))
        {
            if (canGoBeneath && Try(beneath: true))
            {
                return end.HasCome();
            }
        }
        // The new mount lies over the old one, which stays until both are taken away.
        Try(beneath: false);
        return false;

        bool Try(bool beneath)
        {
            using var calls = Begin(sandbox);
            var step = Make(calls, sessionDirectory, [mount])[0];
            calls.GoInside();
            Guard(old.Path, () =>
            {
                if (beneath)
                {
                    calls.Replace(step, old.Path);
                }
                else
                {
                    calls.Attach(step, old.Path);
                }
            });
            if (beneath)
            {
                calls.GoAround();
                calls.DetachAround(Around(sessionDirectory, replaced));
            }
            var failure = MountRunner.Run(calls.Program);
            return failure is null || (beneath && failure is { Call: "move_mount", Errno: Errno.EINVAL } ? false : throw Failed(sandbox, failure));
        }
    }

    /// <inheritdoc/>
    public bool Detach(SandboxHandle sandbox, string sessionDirectory, string name)
    {
        var all = SandboxMountTable.Read(sandbox, sessionDirectory);
        var present = all.FirstOrDefault(m => m.Name == name);
        // Replaced mounts may lie beneath it: see Replace. A covered mount stays for now, the one above it takes it away.
        using var end = present is null ? null : EndOfMount.Watch(sandbox, present);
        IReadOnlyList<MountedContext> stack = present is null ? [] : present.IsTop ? [.. all.Where(m => m.Path == present.Path).Reverse()] : [];
        foreach (var each in stack)
        {
            using var calls = Begin(sandbox);
            calls.GoInside();
            Guard(each.Path, () => calls.Detach(each.Path));
            Run(calls);
        }
        using (var around = Begin(sandbox))
        {
            around.GoAround();
            foreach (var gone in stack.Select(m => m.Name).Append(name).Distinct())
            {
                around.DetachAround(Around(sessionDirectory, gone));
            }
            Run(around);
        }
        return end is null || (stack.Count > 0 && end.HasCome());
    }

    /// <inheritdoc/>
    public bool TrySetReadOnly(SandboxHandle sandbox, string sessionDirectory, string name, bool isReadOnly)
    {
        var present = Require(sandbox, sessionDirectory, name);
        using var calls = Begin(sandbox);
        calls.GoInside();
        Guard(present.Path, () => calls.SetReadOnly(present.Path, isReadOnly));
        var failure = MountRunner.Run(calls.Program);
        return failure is null || (failure.Errno == Errno.EBUSY ? false : throw Failed(sandbox, failure));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Writers(SandboxHandle sandbox, string sessionDirectory, string name) =>
        MountUsers.Writers(sandbox, Require(sandbox, sessionDirectory, name));

    /// <inheritdoc/>
    public IReadOnlyList<MountedContext> Read(SandboxHandle sandbox, string sessionDirectory) => SandboxMountTable.Read(sandbox, sessionDirectory);

    private static MountedContext Require(SandboxHandle sandbox, string sessionDirectory, string name) =>
        SandboxMountTable.Read(sandbox, sessionDirectory).FirstOrDefault(m => m.Name == name)
        ?? throw New($"The mount '{name}' is not in the sandbox.", null);

    private static MountCalls Begin(SandboxHandle sandbox)
    {
        try
        {
            return new MountCalls(sandbox);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            sandbox.RequireAlive();
            throw New($"The mounts of the session can't be reached: {e.Message}", e);
        }
    }

    private static int[] Make(MountCalls calls, string sessionDirectory, IReadOnlyList<SandboxMount> mounts)
    {
        calls.GoAround();
        calls.GoToSession(SessionLayout.Stage(sessionDirectory));
        return [.. mounts.Select(m => SessionFiles.MakeMount(sessionDirectory, m) is { } overlay
            ? calls.MakeOverlay(overlay, m.IsReadOnly)
            : calls.MakeBind(m.Name + "/data", m.IsReadOnly))];
    }

    private static string Around(string sessionDirectory, string name) => $"{SessionLayout.Stage(sessionDirectory)}/{name}/merged";

    private static void Run(MountCalls calls)
    {
        if (MountRunner.Run(calls.Program) is { } failure)
        {
            throw Failed(calls.Sandbox, failure);
        }
    }

    /// <summary>Opens places in the session.</summary>
    private static void Guard(string path, Action work)
    {
        try
        {
            work();
        }
        catch (PosixException e)
        {
            throw e.Errno switch
            {
                Errno.ENOTDIR => New($"'{path}' is no path of directories in the session: a part of it is a file or a link.", e, "Name a path of directories, without links."),
                Errno.EROFS or Errno.EACCES => New($"'{path}' can't be made in the session: {e.Message}", e, "Make the directory in the session first, or name another path."),
                Errno.ENOSPC or Errno.EDQUOT => HostErrors.NoSpace(path, e.Message, e),
                _ => New($"'{path}' can't be used in the session: {e.Message}", e),
            };
        }
    }

    private static AgbException Failed(SandboxHandle sandbox, SyscallProgram.Failure failure)
    {
        sandbox.RequireAlive();
        return failure.Errno switch
        {
            Errno.ENOSYS or Errno.EPERM => new AgbException(
                AgbErrorIds.HostNotReady, AgbErrorKind.HostNotReady, $"This host can't change the mounts of a running session: {failure.Message}",
                "Create a session with these contexts instead."),
            Errno.ENOSPC => AgbErrors.HostExhausted("another mount (fs.mount-max)", failure.Message),
            _ => New($"The mounts of the session can't be changed: {failure.Message}", null),
        };
    }

    private static AgbException New(string message, Exception? inner, string? remedy = null) =>
        new(AgbErrorIds.MountFailed, AgbErrorKind.Failed, message, remedy, inner: inner);
}
