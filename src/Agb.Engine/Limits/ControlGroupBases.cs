using Agb.Engine.Native;
using Agb.Engine.Sandbox;

namespace Agb.Engine.Limits;

/// <summary>Where this process may make control groups for sessions, found out by trying.</summary>
internal sealed class ControlGroupBases
{
    /// <summary>The controllers that limits need.</summary>
    public static readonly IReadOnlyList<string> Controllers = ["memory", "pids", "cpu"];

    // What a group has when a controller is in it.
    private static readonly Dictionary<string, (string V1, string V2)> s_files = new()
    {
        ["memory"] = ("memory.limit_in_bytes", "memory.max"),
        ["pids"] = ("pids.max", "pids.max"),
        ["cpu"] = ("cpu.cfs_quota_us", "cpu.max"),
    };

    private static readonly TimeSpan s_trialLimit = TimeSpan.FromSeconds(10);
    private static readonly Lock s_gate = new();
    private static ControlGroupBases? s_found;

    private readonly Dictionary<string, (string Directory, bool IsV2)> _bases = [];
    private readonly Dictionary<string, string> _reasons = [];

    private ControlGroupBases()
    {
    }

    /// <summary>Finds the bases, or takes what this process found before.</summary>
    public static ControlGroupBases Get(bool fresh = false)
    {
        lock (s_gate)
        {
            return s_found = fresh || s_found is null ? Search() : s_found;
        }
    }

    /// <summary>Where groups with a controller can be made.</summary>
    /// <returns>Null when nowhere; <see cref="Reason"/> says why.</returns>
    public (string Directory, bool IsV2)? Of(string controller) => _bases.TryGetValue(controller, out var found) ? found : null;

    /// <summary>Why there is no base for a controller.</summary>
    public string Reason(string controller) => _reasons.GetValueOrDefault(controller, "");

    private static ControlGroupBases Search()
    {
        var bases = new ControlGroupBases();
        var unified = new List<string>();
        foreach (var controller in Controllers)
        {
            if (ControlGroupLayout.Find(controller) is not { } place)
            {
                bases._reasons[controller] = $"This host has no '{controller}' controller of control groups.";
            }
            else if (place.IsV2)
            {
                unified.Add(controller);
            }
            else if (TryBase(place.OwnDirectory, [controller], isV2: false, out var reason).Count > 0)
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
            bases.SearchUnified(unified);
        }
        return bases;
    }

    /// <summary>A process is in one group of version 2 for all controllers, and a group that has processes can't share its
    /// controllers out; so the way up to the root is searched for the group that offers most.</summary>
    private void SearchUnified(List<string> controllers)
    {
        var place = ControlGroupLayout.Find(controllers[0])!;
        IReadOnlyList<string> best = [];
        var first = "";
        for (var directory = place.OwnDirectory; best.Count < controllers.Count && LinuxPath.IsAtOrBelow(directory, place.MountPoint);
            directory = Path.GetDirectoryName(directory)!)
        {
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

    /// <summary>Makes a group for a moment and lets a program enter it.</summary>
    /// <returns>The controllers that work there.</returns>
    private static IReadOnlyList<string> TryBase(string directory, IReadOnlyList<string> controllers, bool isV2, out string reason)
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
            Directory.CreateDirectory(group);
            string[] offered = [.. controllers.Where(c => File.Exists($"{group}/{(isV2 ? s_files[c].V2 : s_files[c].V1)}"))];
            if (offered.Length == 0)
            {
                reason = $"The control group '{directory}' does not share out {string.Join(", ", controllers)}.";
                return [];
            }
            return TryEnter(group, out reason) ? offered : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = $"No control group can be made in '{directory}': {e.Message}";
            return [];
        }
        finally
        {
            SessionControlGroups.Remove([group]);
        }
    }

    private static void TryShare(string directory, string controller)
    {
        try
        {
            var control = $"{directory}/cgroup.subtree_control";
            if (!File.ReadAllText(control).Split().Contains(controller))
            {
                File.WriteAllText(control, $"+{controller}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The files of a group made there show which controllers it has.
        }
    }

    private static bool TryEnter(string group, out string reason)
    {
        var result = ProcessRun.RunAsync(
            new ProcessRunRequest
            {
                Arguments = [HostTools.Require("sh"), "-c", SessionControlGroups.EnterScript + "\nexit 0", "sh", "1", group],
                Environment = HostTools.Environment,
                Timeout = s_trialLimit,
            },
            CancellationToken.None).GetAwaiter().GetResult();
        reason = result.ExitCode == 0
            ? ""
            : $"The control group '{group}' can't be entered: {System.Text.Encoding.UTF8.GetString(result.Stderr.Bytes).Trim().ReplaceLineEndings("; ")}";
        return result.ExitCode == 0;
    }
}
