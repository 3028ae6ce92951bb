namespace Agb.PowerShell;

/// <summary>The base of cmdlets with session creation: a session for each given context, or one with the given mounts, or one
/// without mounts.</summary>
public abstract class AgbSessionCreationCmdlet : AgbContextCmdlet
{
    /// <summary>The parameter set with one context for each session.</summary>
    protected const string ContextSet = "Context";

    /// <summary>The parameter set of mounts.</summary>
    protected const string MountsSet = "ContextSync";

    private bool _imageIsFixed;

    /// <summary>The image.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The image to start from; agb-code-space-1 unless given.")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [AllowEmptyString]
    public string ImageId { get; set; } = AgbSessionRequest.DefaultImageId;

    /// <summary>The context to mount; a positional parameter of each derived cmdlet.</summary>
    public abstract AgbContextReference[]? Context { get; set; }

    /// <summary>The mount path; a positional parameter of each derived cmdlet.</summary>
    public abstract string? Path { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ContextSet, ValueFromPipeline = true, DontShow = true, HelpMessage = "The context from the pipeline.")]
    public override AgbPipedContext? InputContext { get; set; }

    /// <summary>The policy of the mount.</summary>
    [Parameter(ParameterSetName = ContextSet, HelpMessage = "The sync policy of the mount, from New-AgbSyncPolicy.")]
    [Rehydrate]
    [ValidateNotNull]
    public AgbSyncPolicy? SyncPolicy { get; set; }

    /// <summary>Shorthand for a policy with a mapping only.</summary>
    [Parameter(ParameterSetName = ContextSet,
        HelpMessage = "The earlier path of the data; shorthand for a policy with this mapping.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? MappingPath { get; set; }

    /// <summary>The mounts.</summary>
    [Parameter(ParameterSetName = MountsSet, Mandatory = true, ValueFromPipeline = true,
        HelpMessage = "The mounts of the session, from New-AgbContextSync. By pipeline, each mount gets a separate session.")]
    [Rehydrate]
    public AgbContextSync[]? ContextSync { get; set; }

    /// <summary>Labels.</summary>
    [Parameter(HelpMessage = "Labels to find the session by, such as @{ purpose = 'data-access' }.")]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    /// <summary>The network.</summary>
    [Parameter(HelpMessage = "The network of the session: Host, Own or None. Default: Own for an image with a browser or a desktop, else Host.")]
    public AgbNetwork? Network { get; set; }

    /// <summary>Idle time.</summary>
    [Parameter(HelpMessage = "Release the session after this many idle seconds, or suspend it with -IdleAction. Default: never.")]
    public double? IdleTimeoutSeconds { get; set; }

    /// <summary>The end of the idle time.</summary>
    [Parameter(HelpMessage = "The action after the idle seconds: Release, or Suspend until the next use. Default: Release.")]
    public AgbIdleAction IdleAction { get; set; }

    /// <summary>Maximum lifetime.</summary>
    [Parameter(HelpMessage = "Release the session at this age in seconds. Default: never.")]
    public double? MaxLifetimeSeconds { get; set; }

    /// <summary>Memory limit.</summary>
    [Parameter(HelpMessage = "Memory limit of the session in bytes, such as 512MB. Default: no limit.")]
    public long? MemoryLimit { get; set; }

    /// <summary>Process limit.</summary>
    [Parameter(HelpMessage = "Limit of processes and threads in the session at a time. Default: no limit.")]
    public int? ProcessLimit { get; set; }

    /// <summary>CPU limit.</summary>
    [Parameter(HelpMessage = "CPU limit of the session in CPUs, such as 0.5 or 2. Default: no limit.")]
    public double? CpuLimit { get; set; }

    /// <summary>Disk limit.</summary>
    [Parameter(HelpMessage = "Disk limit of the session in bytes, such as 2GB: data written and not removed. Default: no limit.")]
    public long? DiskLimit { get; set; }

    /// <summary>Limit of open files.</summary>
    [Parameter(HelpMessage = "Limit of open files for each process. Default: no separate limit.")]
    public int? OpenFileLimit { get; set; }

    /// <summary>Works on the planned creation of a session. Runs on the pipeline thread.</summary>
    /// <param name="mounts">The mounts of the session, as a text for people.</param>
    /// <param name="create">Creates the session, on any thread.</param>
    private protected abstract void Process(string mounts, Func<CancellationToken, Task<AgbSession>> create);

    /// <summary>Whether creation returns before the session runs.</summary>
    private protected virtual bool ReturnsAtOnce => false;

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext => [Following.Of<string>(nameof(Path), value => Path = value)];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(CheckArguments);
    }

    private void CheckArguments()
    {
        RequestRules.Session(Request([]));
        Mounts.Policy(SyncPolicy, MappingPath).Validate();
        // At this time only values from the command line are bound.
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Path)))
        {
            LinuxPath.NormalizeMount(Path);
        }
        if (MyInvocation.BoundParameters.ContainsKey(nameof(ContextSync)))
        {
            RequestRules.Session(Request(ContextSync ?? []));
        }
        _imageIsFixed = !MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(ImageId));
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == MountsSet)
        {
            var syncs = ContextSync ?? [];
            Create(
                string.Join(", ", syncs.Select(s => s.ToString())), KnownService(syncs.Select(ServiceOrigin.Of).FirstOrDefault(s => s is not null)),
                (_, _) => Task.FromResult<IReadOnlyList<AgbContextSync>>(syncs));
        }
        else if (Context is null)
        {
            Create("no context", KnownService(), (_, _) => Task.FromResult<IReadOnlyList<AgbContextSync>>([]));
        }
        else
        {
            ForEachReference(Context, () => CheckPath(), reference => Create(
                $"context '{reference}'", KnownService(reference.Service), (service, token) => MountAsync(service, reference, token)));
        }
    }

    /// <summary>An image from the command line fails for every context alike.</summary>
    private protected override bool IsFinal(Exception failure) =>
        _imageIsFixed && failure is AgbException { ErrorId: AgbErrorIds.ImageNotFound or AgbErrorIds.InvalidImage };

    private void CheckPath()
    {
        if (Path is not null)
        {
            LinuxPath.NormalizeMount(Path);
        }
    }

    private void Create(
        string mounts, IAgbService? known, Func<IAgbService, CancellationToken, Task<IReadOnlyList<AgbContextSync>>> mount)
    {
        // A missing context is an error with -WhatIf too.
        if (IsWhatIf && !TryItem(mounts, token => mount(Open(known), token)))
        {
            return;
        }
        if (!ShouldProcess($"image '{ImageId}' with {mounts}", "Start session"))
        {
            return;
        }
        Process(mounts, async token =>
        {
            var service = Open(known);
            // A creation with -NoWait outlives this command and a stop of the pipeline.
            var work = ReturnsAtOnce ? CancellationToken.None : token;
            var request = RequestRules.Session(Request(await mount(service, token).ConfigureAwait(false)));
            var session = await CreateAsync(service, request, work).ConfigureAwait(false);
            foreach (var state in session.LimitStates.Where(s => !s.Holds))
            {
                // A user who asks for a limit counts on it.
                Pump.Post(() => WriteWarning($"The session '{session}' has no {LimitRules.NameOf(state.Limit)}: {state.Detail}"));
            }
            return session;
        });
    }

    /// <summary>Creates the session. An image id may differ in case, as for Get-AgbImage.</summary>
    private async Task<AgbSession> CreateAsync(IAgbService service, AgbSessionRequest request, CancellationToken token)
    {
        try
        {
            return await CallAsync(
                service, $"create session from '{request.ImageId}'", () => service.CreateSessionAsync(request, token)).ConfigureAwait(false);
        }
        catch (AgbException e) when (e.ErrorId == AgbErrorIds.ImageNotFound)
        {
            var images = await CallAsync(service, "list images", () => service.ListImagesAsync(token)).ConfigureAwait(false);
            if (new NamePattern(WildcardPattern.Escape(request.ImageId)).Select(images, i => i.ImageId) is not [var image])
            {
                throw;
            }
            return await CallAsync(
                service, $"create session from '{image.ImageId}'",
                () => service.CreateSessionAsync(request with { ImageId = image.ImageId }, token)).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<AgbContextSync>> MountAsync(
        IAgbService service, AgbContextReference reference, CancellationToken token)
    {
        var context = await ResolveAsync(reference, service, token).ConfigureAwait(false);
        var policy = Mounts.Policy(SyncPolicy, MappingPath);
        var path = Path ?? await CallAsync(
            service, $"find the path of context '{context.Name}'",
            () => Mounts.DefaultPathAsync(service, context, policy, nameof(Path), token)).ConfigureAwait(false);
        return [new AgbContextSync { ContextId = context.Id, Path = path, Policy = policy }];
    }

    private AgbSessionRequest Request(IReadOnlyList<AgbContextSync> syncs) => new()
    {
        ImageId = ImageId,
        ContextSyncs = syncs,
        Labels = Arguments.Strings(Label),
        Network = Network,
        IdleTimeout = IdleTimeoutSeconds is { } idle ? Arguments.Seconds(idle, nameof(IdleTimeoutSeconds)) : null,
        IdleAction = IdleAction,
        MaxLifetime = MaxLifetimeSeconds is { } life ? Arguments.Seconds(life, nameof(MaxLifetimeSeconds)) : null,
        NoWait = ReturnsAtOnce,
        Limits = new AgbSessionLimits
        {
            MemoryBytes = MemoryLimit, Processes = ProcessLimit, Cpus = CpuLimit, DiskBytes = DiskLimit, OpenFiles = OpenFileLimit,
        },
    };
}
