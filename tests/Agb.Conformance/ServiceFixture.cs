namespace Agb.Conformance;

/// <summary>What the tests of one class run on: one service, opened before the first test and closed after the last.</summary>
public abstract class ServiceFixture : IAsyncLifetime
{
    private IAgbService? _service;

    /// <summary>Why the tests can't run here, or null.</summary>
    public string? SkipReason { get; private set; }

    /// <summary>The service.</summary>
    public IAgbService Service => _service ?? throw new InvalidOperationException("The service is not open.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        SkipReason = await WhyNotAsync();
        if (SkipReason is null)
        {
            _service = await OpenAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync(_service);
        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the same service once more, as another program of the same owner does.</summary>
    public abstract Task<IAgbService> OpenAnotherAsync();

    /// <summary>What the service keeps beside what it tells through its contract, such as files: compared before and after
    /// a call that must change nothing.</summary>
    public virtual IReadOnlyList<string> Inventory() => [];

    /// <summary>Says why the tests can't run here.</summary>
    protected abstract Task<string?> WhyNotAsync();

    /// <summary>Opens the service.</summary>
    protected abstract Task<IAgbService> OpenAsync();

    /// <summary>Closes the service and checks that it left nothing behind.</summary>
    /// <param name="service">The service, or null when the tests were skipped.</param>
    protected abstract Task CloseAsync(IAgbService? service);
}
