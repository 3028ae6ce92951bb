namespace Agb.Sandbox;

/// <summary>Puts overlays over trees of a running sandbox, in place of the mounts there.</summary>
internal static class SandboxOverlays
{
    /// <summary>The lower directories of the overlay at a path, as its mount options name them.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="path">The mount point in the sandbox.</param>
    /// <param name="hasMountsBelow">Whether other mounts lie below the path.</param>
    /// <returns>Empty for a mount of another kind; null for no mount.</returns>
    public static IReadOnlyList<string>? LowersOf(SandboxHandle sandbox, string path, out bool hasMountsBelow)
    {
        const string Lower = "lowerdir=", More = "lowerdir+=";
        IReadOnlyList<string>? found = null;
        hasMountsBelow = false;
        foreach (var fields in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{sandbox.InitPid}/mountinfo")).Select(l => l.Split(' ')))
        {
            var dash = Array.IndexOf(fields, "-");
            if (fields[4] != path)
            {
                hasMountsBelow |= LinuxPath.IsAtOrBelow(fields[4], path);
                continue;
            }
            var options = fields[dash + 3].Split(',');
            found = fields[dash + 1] != "overlay" ? []
                : [.. options.SelectMany(o => o.StartsWith(Lower, StringComparison.Ordinal) ? o[Lower.Length..].Split(':')
                    : o.StartsWith(More, StringComparison.Ordinal) ? [o[More.Length..]] : [])];
        }
        return found;
    }

    /// <summary>Replaces the mount at a path by an overlay whose directories are prepared.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="sessionDirectory">The session's directory, the base of the names in the options.</param>
    /// <param name="overlay">The overlay.</param>
    /// <param name="path">The mount point in the sandbox.</param>
    /// <exception cref="AgbException">MountFailed.</exception>
    public static void Replace(SandboxHandle sandbox, string sessionDirectory, SessionOverlay overlay, string path)
    {
        // Before Linux 6.5 no mount goes beneath another: then it lies over the old one.
        if (Try(beneath: true) is { } failure && (failure is not { Call: "move_mount", Errno: Errno.EINVAL } || Try(beneath: false) is { } again && (failure = again) is not null))
        {
            throw new AgbException(AgbErrorIds.MountFailed, AgbErrorKind.Failed, $"The mounts of the session can't be changed: {failure.Message}");
        }

        SyscallProgram.Failure? Try(bool beneath)
        {
            using var calls = new MountCalls(sandbox);
            calls.GoAround();
            calls.GoToSession(sessionDirectory);
            var step = calls.MakeOverlay(overlay, isReadOnly: false);
            calls.GoInside();
            if (beneath)
            {
                calls.Replace(step, path);
            }
            else
            {
                calls.Attach(step, path);
            }
            return MountRunner.Run(calls.Program);
        }
    }
}
