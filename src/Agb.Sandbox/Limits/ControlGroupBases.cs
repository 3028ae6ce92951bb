namespace Agb.Sandbox;

/// <summary>Where this process may make control groups for sessions, found out by trying.</summary>
internal sealed class ControlGroupBases
{
    /// <summary>The controllers that limits need.</summary>
    public static readonly IReadOnlyList<string> Controllers = ["memory", "pids", "cpu"];

    // What a group has when a controller is in it.
    private static readonly IReadOnlyDictionary<string, (string V1, string V2)> s_files = new Dictionary<string, (string V1, string V2)>
    {
        ["memory"] = ("memory.limit_in_bytes", "memory.max"),
        ["pids"] = ("pids.max", "pids.max"),
        ["cpu"] = ("cpu.cfs_quota_us", "cpu.max"),
    };

    private static readonly Lock s_gate = new();
    private static ControlGroupBases? s_found;

    private readonly Dictionary<string, (string Directory, bool IsV2)> _bases = [];
    private readonly Dictionary<string, string> _reasons = [];
    private readonly IReadOnlyDictionary<string, (string V1, string V2)> _files;
    private readonly GroupTrial _trial;

    private ControlGroupBases(IReadOnlyDictionary<string, (string V1, string V2)> files, GroupTrial trial)
    {
        _files = files;
        _trial = trial;
    }

    /// <summary>Finds the bases, or takes what this process found before.</summary>
    public static ControlGroupBases Get(bool fresh = false)
    {
        lock (s_gate)
        {
            if (!fresh && s_found is not null)
            {
                return s_found;
            }
            var found = Search(s_files, ControlGroupLayout.Find, GroupTrial.OfKernel);
            s_found = found.IsOfMoment ? null : found;
            return found;
        }
    }

    /// <summary>Whether a trial had no answer but that the host was busy, so that the next search may find more.</summary>
    internal bool IsOfMoment { get; private set; }

    /// <summary>Where groups with a controller can be made.</summary>
    /// <returns>Null when nowhere; <see cref="Reason"/> says why.</returns>
    public (string Directory, bool IsV2)? Of(string controller) => _bases.TryGetValue(controller, out var found) ? found : null;

    /// <summary>Why there is no base for a controller.</summary>
    public string Reason(string controller) => _reasons.GetValueOrDefault(controller, "");

    /// <summary>Searches.</summary>
    /// <param name="files">The controllers, and a file of each.</param>
    /// <param name="find">Where a controller is.</param>
    /// <param name="trial">How groups are tried.</param>
    internal static ControlGroupBases Search(
        IReadOnlyDictionary<string, (string V1, string V2)> files, Func<string, ControllerPlace?> find, GroupTrial trial)
    {
        var bases = new ControlGroupBases(files, trial);
        var unified = new List<(string Controller, ControllerPlace Place)>();
        foreach (var controller in files.Keys)
        {
            if (find(controller) is not { } place)
            {
                bases._reasons[controller] = $"This host has no '{controller}' controller of control groups.";
            }
            else if (place.IsV2)
            {
                unified.Add((controller, place));
            }
            else if (bases.TryBase(place.OwnDirectory, [controller], isV2: false, out var reason).Count > 0)
            {
                bases._bases[controller] = (place.OwnDirectory, false);
            }
            else
            {
                bases._reasons[controller] = reason;
            }
        }
        if (unified.Count > 0)
        {
            bases.SearchUnified([.. unified.Select(u => u.Controller)], unified[0].Place);
        }
        return bases;
    }

    /// <summary>A process is in one group of version 2 for all controllers, and a group that has processes can't share its
    /// controllers out; so the way up to the root is searched for the group that offers most.</summary>
    private void SearchUnified(string[] controllers, ControllerPlace place)
    {
        IReadOnlyList<string> best = [];
        var first = "";
        for (var directory = place.OwnDirectory; best.Count < controllers.Length && LinuxPath.IsAtOrBelow(directory, place.MountPoint);
            directory = Path.GetDirectoryName(directory)!)
        {
            if (Available(directory).Intersect(controllers).Count() <= best.Count)
            {
                // Not tried, since trying shares controllers out, which nobody takes back: sessions of others may count on it by then.
                continue;
            }
            var offered = TryBase(directory, controllers, isV2: true, out var reason);
            first = first.Length == 0 ? reason : first;
            if (offered.Count > best.Count)
            {
                best = offered;
                foreach (var controller in offered)
                {
                    _bases[controller] = (directory, true);
                }
            }
        }
        foreach (var controller in controllers.Except(best))
        {
            _bases.Remove(controller);
            _reasons[controller] = first.Length > 0 ? first : $"No control group on the way up from '{place.OwnDirectory}' shares the controller out.";
        }
        foreach (var controller in best)
        {
            _bases[controller] = (_bases[best[0]].Directory, true);
        }
    }

    private static string[] Available(string directory)
    {
        try
        {
            return File.ReadAllText($"{directory}/cgroup.controllers").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !Exhaustion.Is(e))
        {
            // Gone, or not for this user: then nothing can be made there either.
            return [];
        }
    }

    /// <summary>Makes a group for a moment and lets a program enter it.</summary>
    /// <returns>The controllers that work there.</returns>
    private IReadOnlyList<string> TryBase(string directory, IReadOnlyList<string> controllers, bool isV2, out string reason)
    {
        reason = "";
        var group = $"{directory}/agb-probe-{Guid.NewGuid():n}";
        try
        {
            if (isV2)
            {
                // Memory refuses to be shared out from where processes are, but the controllers of threads don't: they would turn
                // that group into one of threads for good (cgroup-v2.rst). Only the root, which has no type, may have both.
                if (File.Exists($"{directory}/cgroup.type") && File.ReadLines($"{directory}/cgroup.procs").Any())
                {
                    reason = $"The control group '{directory}' has processes of its own, so it can't share its controllers out.";
                    return [];
                }
                foreach (var controller in controllers)
                {
                    TryShare(directory, controller);
                }
            }
            if (!TryMake(group, out reason))
            {
                return [];
            }
            string[] offered = [.. controllers.Where(c => File.Exists($"{group}/{(isV2 ? _files[c].V2 : _files[c].V1)}"))];
            if (offered.Length == 0)
            {
                reason = $"The control group '{directory}' does not share out {string.Join(", ", controllers)}.";
                return [];
            }
            reason = _trial.Enter(group) ?? "";
            return reason.Length == 0 ? offered : [];
        }
        catch (TimeoutException e)
        {
            IsOfMoment = true;
            reason = e.Message;
            return [];
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !Exhaustion.Is(e))
        {
            reason = NotMade(directory, e);
            return [];
        }
        finally
        {
            _trial.Remove(group);
        }
    }

    /// <summary>Makes a group, unless the groups above may have no more below them (cgroup.max.descendants, EAGAIN): that is no
    /// answer for ever, but no error either.</summary>
    private bool TryMake(string group, out string reason)
    {
        try
        {
            _trial.Make(group);
            reason = "";
            return true;
        }
        catch (IOException e) when (e.HResult == PosixException.EAGAIN)
        {
            IsOfMoment = true;
            reason = NotMade(Path.GetDirectoryName(group)!, e);
            return false;
        }
    }

    private static string NotMade(string directory, Exception e) => $"No control group can be made in '{directory}': {e.Message}";

    private void TryShare(string directory, string controller)
    {
        try
        {
            var control = $"{directory}/cgroup.subtree_control";
            if (!File.ReadAllText(control).Split().Contains(controller))
            {
                // One by one: the kernel takes all of a line or none of it (cgroup-v2.rst).
                _trial.Write(control, $"+{controller}");
            }
        }
        catch (Exception e) when ((e is IOException or UnauthorizedAccessException) && !Exhaustion.Is(e))
        {
            // The files of a group made there show which controllers it has.
        }
    }
}

/// <summary>How a group is made, tried and removed.</summary>
/// <param name="Make">Makes a group.</param>
/// <param name="Write">Writes a line to a control file.</param>
/// <param name="Enter">Lets a program enter a group; gives the reason why it can't, or null, or throws TimeoutException.</param>
/// <param name="Remove">Removes a group, if it was made.</param>
internal sealed record GroupTrial(Action<string> Make, Action<string, string> Write, Func<string, string?> Enter, Action<string> Remove)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>By the kernel.</summary>
    public static readonly GroupTrial OfKernel = new(
        group => Directory.CreateDirectory(group), File.WriteAllText, Try, group => SessionControlGroups.Remove([group]));

    private static string? Try(string group)
    {
        var result = ProcessRun.RunAsync(
            new ProcessRunRequest
            {
                Arguments = [HostTools.Require("sh"), "-c", SessionControlGroups.EnterScript + "\nexit 0", "sh", "1", group],
                Environment = HostTools.Environment,
                Timeout = s_limit,
            },
            CancellationToken.None).GetAwaiter().GetResult();
        if (result.TimedOut)
        {
            throw new TimeoutException($"A program did not enter the control group '{group}' within {s_limit.TotalSeconds:0} s.");
        }
        return result.ExitCode == 0
            ? null
            : $"The control group '{group}' can't be entered: {System.Text.Encoding.UTF8.GetString(result.Stderr.Bytes).Trim().ReplaceLineEndings("; ")}";
    }
}
