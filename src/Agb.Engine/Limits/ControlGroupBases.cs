using Agb.Engine.Native;
using Agb.Engine.Sandbox;

namespace Agb.Engine.Limits;

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
            return s_found = fresh || s_found is null ? Search(s_files, ControlGroupLayout.Find, GroupTrial.OfKernel) : s_found;
        }
    }

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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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
                foreach (var controller in controllers)
                {
                    TryShare(directory, controller);
                }
            }
            _trial.Make(group);
            string[] offered = [.. controllers.Where(c => File.Exists($"{group}/{(isV2 ? _files[c].V2 : _files[c].V1)}"))];
            if (offered.Length == 0)
            {
                reason = $"The control group '{directory}' does not share out {string.Join(", ", controllers)}.";
                return [];
            }
            reason = _trial.Enter(group) ?? "";
            return reason.Length == 0 ? offered : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = $"No control group can be made in '{directory}': {e.Message}";
            return [];
        }
        finally
        {
            _trial.Remove(group);
        }
    }

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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The files of a group made there show which controllers it has.
        }
    }
}

/// <summary>How a group is made, tried and removed.</summary>
/// <param name="Make">Makes a group.</param>
/// <param name="Write">Writes a line to a control file.</param>
/// <param name="Enter">Lets a program enter a group; gives the reason why it can't, or null.</param>
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
        return result.ExitCode == 0
            ? null
            : $"The control group '{group}' can't be entered: {System.Text.Encoding.UTF8.GetString(result.Stderr.Bytes).Trim().ReplaceLineEndings("; ")}";
    }
}
