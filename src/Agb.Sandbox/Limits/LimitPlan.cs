namespace Agb.Sandbox;

/// <summary>Chooses the mechanisms for the limits of a session on this host.</summary>
internal sealed class LimitPlan
{
    // From this version on, each user namespace, and so each session, has a separate count of processes (user_namespaces(7)).
    private static readonly Version s_processesByNamespace = new(5, 14);

    private readonly string _sessionId;
    private readonly ControlGroupBases? _bases;
    private readonly Dictionary<string, bool> _groups = [];
    private readonly List<Action> _settings = [];
    private readonly List<RlimitSetting> _rlimits = [];
    private readonly List<LimitCounter> _counters = [];
    private readonly List<AgbLimitState> _states = [];
    private readonly long? _diskBytes;

    private LimitPlan(string sessionId, AgbSessionLimits limits, ControlGroupBases? bases)
    {
        _sessionId = sessionId;
        var needsGroups = limits is { MemoryBytes: not null } or { Processes: not null } or { Cpus: not null };
        _bases = needsGroups ? bases ?? ControlGroupBases.Get() : null;
        _diskBytes = limits.DiskBytes;
        AddMemory(limits.MemoryBytes);
        AddProcesses(limits.Processes);
        AddCpus(limits.Cpus);
        AddDisk(limits.DiskBytes);
        AddOpenFiles(limits.OpenFiles);
    }

    /// <summary>The control groups for <see cref="Apply"/> to make.</summary>
    public IReadOnlyList<string> Groups => [.. _groups.Keys];

    /// <summary>How each limit will hold.</summary>
    public IReadOnlyList<AgbLimitState> States => _states;

    /// <summary>Makes the plan. Nothing is changed yet.</summary>
    /// <param name="sessionId">The session.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="bases">The bases of control groups; null for a search by this process.</param>
    public static LimitPlan For(string sessionId, AgbSessionLimits limits, ControlGroupBases? bases = null) => new(sessionId, limits, bases);

    /// <summary>Makes and sets the control groups.</summary>
    /// <param name="sessionDirectory">The session's directory, before the start of the session.</param>
    public SandboxControls Apply(string sessionDirectory)
    {
        foreach (var (group, isV2) in _groups)
        {
            SessionControlGroups.Make(group, isV2);
        }
        _settings.ForEach(set => set());
        return new SandboxControls(
            Groups,
            [.. _groups.Select(g => SessionControlGroups.EntranceOf(g.Key, g.Value))],
            _rlimits,
            _counters,
            _diskBytes is { } bytes ? new DiskQuota(sessionDirectory, bytes, DiskMeter.Measure(sessionDirectory)) : null,
            _states);
    }

    private void AddMemory(long? bytes)
    {
        if (bytes is not { } limit)
        {
            return;
        }
        if (GroupFor("memory") is var (group, isV2))
        {
            _settings.Add(() => SessionControlGroups.SetMemory(group, isV2, limit));
            AddCounter(AgbLimitKind.Memory, group, isV2);
            AddState(AgbLimitKind.Memory, limit, Mechanism(isV2), "All processes together; the kernel ends one of them at the limit.");
            return;
        }
        AddRlimit("data", ProcessLibc.RLIMIT_DATA, limit);
        AddState(
            AgbLimitKind.Memory, limit, AgbLimitMechanism.Rlimit,
            $"Each process by itself, not all together; shared memory is not counted. {_bases?.Reason("memory")}");
    }

    private void AddProcesses(int? count)
    {
        if (count is not { } limit)
        {
            return;
        }
        if (GroupFor("pids") is var (group, isV2))
        {
            _settings.Add(() => SessionControlGroups.SetProcesses(group, limit));
            AddCounter(AgbLimitKind.Processes, group, isV2);
            AddState(AgbLimitKind.Processes, limit, Mechanism(isV2), "All processes and threads together.");
        }
        else if (Environment.OSVersion.Version >= s_processesByNamespace)
        {
            AddRlimit("nproc", ProcessLibc.RLIMIT_NPROC, limit);
            AddState(AgbLimitKind.Processes, limit, AgbLimitMechanism.Rlimit, "All processes and threads together, counted by the session's user namespace.");
        }
        else
        {
            AddState(
                AgbLimitKind.Processes, limit, AgbLimitMechanism.None,
                $"{_bases?.Reason("pids")} Kernels before {s_processesByNamespace} count the processes of all sessions of a user together.");
        }
    }

    private void AddCpus(double? cpus)
    {
        if (cpus is not { } limit)
        {
            return;
        }
        if (GroupFor("cpu") is var (group, isV2))
        {
            _settings.Add(() => SessionControlGroups.SetCpus(group, isV2, limit));
            AddState(AgbLimitKind.Cpus, limit, Mechanism(isV2), "All processes together; they wait when their share of each 100 ms is used up.");
            return;
        }
        AddState(AgbLimitKind.Cpus, limit, AgbLimitMechanism.None, $"Only control groups can enforce this limit. {_bases?.Reason("cpu")}");
    }

    private void AddDisk(long? bytes)
    {
        if (bytes is { } limit)
        {
            AddRlimit("fsize", ProcessLibc.RLIMIT_FSIZE, limit);
            AddState(
                AgbLimitKind.Disk, limit, AgbLimitMechanism.Quota,
                "Measured while commands run, and at intervals; processes are ended over the limit. No single file can be larger.");
        }
    }

    private void AddOpenFiles(int? count)
    {
        if (count is { } limit)
        {
            AddRlimit("nofile", ProcessLibc.RLIMIT_NOFILE, limit);
            AddState(AgbLimitKind.OpenFiles, limit, AgbLimitMechanism.Rlimit, "Each process by itself.");
        }
    }

    private (string Group, bool IsV2)? GroupFor(string controller)
    {
        if (_bases?.Of(controller) is not var (directory, isV2))
        {
            return null;
        }
        var group = SessionControlGroups.PathIn(directory, _sessionId);
        _groups[group] = isV2;
        return (group, isV2);
    }

    private void AddCounter(AgbLimitKind limit, string group, bool isV2)
    {
        var (file, key) = SessionControlGroups.CounterOf(limit, group, isV2);
        _counters.Add(new LimitCounter(limit, file, key));
    }

    private void AddRlimit(string option, int resource, long value) => _rlimits.Add(new RlimitSetting(option, resource, (ulong)value));

    private void AddState(AgbLimitKind limit, double value, AgbLimitMechanism mechanism, string detail) => _states.Add(
        new AgbLimitState { Limit = limit, Value = value, Mechanism = mechanism, Detail = detail.Trim() });

    private static AgbLimitMechanism Mechanism(bool isV2) => isV2 ? AgbLimitMechanism.CgroupV2 : AgbLimitMechanism.CgroupV1;
}
