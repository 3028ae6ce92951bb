namespace Agb.Sandbox;

/// <summary>The base directories for the control groups of sessions, found by trial.</summary>
internal sealed class ControlGroupBases
{
    /// <summary>The controllers needed by limits.</summary>
    public static readonly IReadOnlyList<string> Controllers = ["memory", "pids", "cpu"];

    // A file of each controller, present in a group with the controller.
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

    /// <summary>Finds the bases, or returns an earlier result of this process.</summary>
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

    /// <summary>Whether a trial failed because the host was busy: the next search may find more.</summary>
    internal bool IsOfMoment { get; private set; }

    /// <summary>The base directory of groups with a controller.</summary>
    /// <returns>Null if there is none; <see cref="Reason"/> says why.</returns>
    public (string Directory, bool IsV2)? Of(string controller) => _bases.TryGetValue(controller, out var found) ? found : null;

    /// <summary>The reason for the missing base of a controller.</summary>
    public string Reason(string controller) => _reasons.GetValueOrDefault(controller, "");

    /// <summary>Searches for bases.</summary>
    /// <param name="files">The controllers, and a file of each.</param>
    /// <param name="find">Finds the place of a controller.</param>
    /// <param name="trial">The operations on trial groups.</param>
    internal static ControlGroupBases Search(
        IReadOnlyDictionary<string, (string V1, string V2)> files, Func<string, ControllerPlace?> find, GroupTrial trial)
    {
        var bases = new ControlGroupBases(files, trial);
        var unified = new List<(string Controller, ControllerPlace Place)>();
        foreach (var controller in files.Keys)
        {
            if (find(controller) is not { } place)
            {
                bases._reasons[controller] = $"This host has no control group controller '{controller}'.";
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

    /// <summary>Searches version 2 from this process's group up to the root, for the group with the most controllers. A process
    /// is in one group for all controllers, and a group with processes can't enable controllers for its children.</summary>
    private void SearchUnified(string[] controllers, ControllerPlace place)
    {
        IReadOnlyList<string> best = [];
        var first = "";
        for (var directory = place.OwnDirectory; best.Count < controllers.Length && LinuxPath.IsAtOrBelow(directory, place.MountPoint);
            directory = Path.GetDirectoryName(directory)!)
        {
            if (Available(directory).Intersect(controllers).Count() <= best.Count)
            {
                // No trial here: it would enable controllers for good, because sessions of others may depend on them by then.
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
            _reasons[controller] = first.Length > 0 ? first : $"No control group from '{place.OwnDirectory}' up to the root enables the controller for its children.";
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
            // Gone, or closed to this user: no group can be made there either.
            return [];
        }
    }

    /// <summary>Makes a temporary group and lets a program enter it.</summary>
    /// <returns>The working controllers.</returns>
    private IReadOnlyList<string> TryBase(string directory, IReadOnlyList<string> controllers, bool isV2, out string reason)
    {
        reason = "";
        var group = $"{directory}/agb-probe-{Guid.NewGuid():n}";
        try
        {
            if (isV2)
            {
                // The memory controller can't be enabled in a group with processes, but thread controllers can: they would turn
                // the group into a threaded one for good (cgroup-v2.rst). Only the root may have both; it has no type.
                if (File.Exists($"{directory}/cgroup.type") && File.ReadLines($"{directory}/cgroup.procs").Any())
                {
                    reason = $"The control group '{directory}' contains processes, so it can't enable controllers for its children.";
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
                reason = $"The control group '{directory}' does not enable {string.Join(", ", controllers)} for its children.";
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

    /// <summary>Makes a group. Fails at the limit of a group above (cgroup.max.descendants, EAGAIN): a failure for the moment,
    /// and no error.</summary>
    private bool TryMake(string group, out string reason)
    {
        try
        {
            _trial.Make(group);
            reason = "";
            return true;
        }
        catch (IOException e) when (e.HResult == Errno.EAGAIN)
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
            // The files of a new group there show its controllers.
        }
    }
}

/// <summary>The operations on trial groups.</summary>
/// <param name="Make">Makes a group.</param>
/// <param name="Write">Writes a line to a control file.</param>
/// <param name="Enter">Lets a program enter a group; returns the reason of a failure, or null, or throws TimeoutException.</param>
/// <param name="Remove">Removes a group, if it was made.</param>
internal sealed record GroupTrial(Action<string> Make, Action<string, string> Write, Func<string, string?> Enter, Action<string> Remove)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>The operations by the kernel.</summary>
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
