using System.Collections;
using System.Management.Automation;
using Agb.PowerShell.Completers;

namespace Agb.PowerShell.Hosting;

/// <summary>The base of the cmdlets that start sessions: for each context given, or one with the mounts given, or one
/// without any.</summary>
public abstract class AgbSessionCreationCmdlet : AgbContextCmdlet
{
    /// <summary>The parameter set of one context a session.</summary>
    protected const string ContextSet = "Context";

    /// <summary>The parameter set of mounts.</summary>
    protected const string MountsSet = "ContextSync";

    private bool _imageIsFixed;

    /// <summary>The image.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The image to start from; agb-code-space-1 unless given.")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [AllowEmptyString]
    public string ImageId { get; set; } = AgbSessionRequest.DefaultImageId;

    /// <summary>The context to mount; a parameter of the cmdlets, at their positions.</summary>
    public abstract AgbContextReference[]? Context { get; set; }

    /// <summary>Where to mount it; a parameter of the cmdlets, at their positions.</summary>
    public abstract string? Path { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ContextSet, ValueFromPipeline = true, DontShow = true, HelpMessage = "The context that the pipeline brings.")]
    public override AgbPipedContext? InputContext { get; set; }

    /// <summary>The policy of the mount.</summary>
    [Parameter(ParameterSetName = ContextSet, HelpMessage = "The sync policy of the mount, from New-AgbSyncPolicy.")]
    [Rehydrate]
    [ValidateNotNull]
    public AgbSyncPolicy? SyncPolicy { get; set; }

    /// <summary>Shorthand for a policy that only maps.</summary>
    [Parameter(ParameterSetName = ContextSet,
        HelpMessage = "The path under which the data was stored before; in place of a policy that has it.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? MappingPath { get; set; }

    /// <summary>The mounts.</summary>
    [Parameter(ParameterSetName = MountsSet, Mandatory = true, ValueFromPipeline = true,
        HelpMessage = "The mounts of the session, from New-AgbContextSync. By pipeline, each one gets a session of its own.")]
    [Rehydrate]
    public AgbContextSync[]? ContextSync { get; set; }

    /// <summary>Labels.</summary>
    [Parameter(HelpMessage = "Labels to find the session by, such as @{ purpose = 'data-access' }.")]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    /// <summary>The network.</summary>
    [Parameter(HelpMessage = "What the session sees of the network: Host or None.")]
    public AgbNetwork Network { get; set; }

    /// <summary>Idle release.</summary>
    [Parameter(HelpMessage = "Release the session when it was idle for so many seconds; never unless given.")]
    public double? IdleTimeoutSeconds { get; set; }

    /// <summary>Maximum lifetime.</summary>
    [Parameter(HelpMessage = "Release the session when it is so many seconds old; never unless given.")]
    public double? MaxLifetimeSeconds { get; set; }

    /// <summary>Memory limit.</summary>
    [Parameter(HelpMessage = "The most memory that the session may use, such as 512MB; no limit unless given.")]
    public long? MemoryLimit { get; set; }

    /// <summary>Process limit.</summary>
    [Parameter(HelpMessage = "The most processes and threads that the session may have at a time; no limit unless given.")]
    public int? ProcessLimit { get; set; }

    /// <summary>CPU limit.</summary>
    [Parameter(HelpMessage = "How many CPUs the session may use, such as 0.5 or 2; no limit unless given.")]
    public double? CpuLimit { get; set; }

    /// <summary>Disk limit.</summary>
    [Parameter(HelpMessage = "The most that the session may have written and not removed, such as 2GB; no limit unless given.")]
    public long? DiskLimit { get; set; }

    /// <summary>Limit of open files.</summary>
    [Parameter(HelpMessage = "The most files that each process may have open; no limit of the session's own unless given.")]
    public int? OpenFileLimit { get; set; }

    /// <summary>Works on a session once it is known what to create. Runs on the pipeline thread.</summary>
    /// <param name="mounts">What the session mounts, for people.</param>
    /// <param name="create">Creates the session, on any thread.</param>
    private protected abstract void Process(string mounts, Func<CancellationToken, Task<AgbSession>> create);

    /// <summary>Whether to return from the creation before the session runs.</summary>
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
        // By now only what the command line gave is bound.
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

    /// <summary>An image that the command line named fails for every context alike.</summary>
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
        // A context that does not exist is an error with -WhatIf too.
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
            // What returns at once leaves work going that outlives this command, whatever becomes of the pipeline.
            var work = ReturnsAtOnce ? CancellationToken.None : token;
            var request = RequestRules.Session(Request(await mount(service, token).ConfigureAwait(false)));
            var session = await CreateAsync(service, request, work).ConfigureAwait(false);
            foreach (var state in session.LimitStates.Where(s => !s.Holds))
            {
                // Whoever asks for a limit counts on it.
                Pump.Post(() => WriteWarning($"The session '{session}' has no {LimitRules.NameOf(state.Limit)}: {state.Detail}"));
            }
            return session;
        });
    }

    /// <summary>Creates the session. An image is found in other cases of its letters too, as Get-AgbImage finds it.</summary>
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
        MaxLifetime = MaxLifetimeSeconds is { } life ? Arguments.Seconds(life, nameof(MaxLifetimeSeconds)) : null,
        NoWait = ReturnsAtOnce,
        Limits = new AgbSessionLimits
        {
            MemoryBytes = MemoryLimit, Processes = ProcessLimit, Cpus = CpuLimit, DiskBytes = DiskLimit, OpenFiles = OpenFileLimit,
        },
    };
}
