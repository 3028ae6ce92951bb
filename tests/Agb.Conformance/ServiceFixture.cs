namespace Agb.Conformance;

/// <summary>The service for the tests of one class, opened before the first test and closed after the last.</summary>
public abstract class ServiceFixture : IAsyncLifetime
{
    private IAgbService? _service;

    /// <summary>The reason for skipping the tests, or null.</summary>
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

    /// <summary>Opens the same service again, like another program of the same owner.</summary>
    public abstract Task<IAgbService> OpenAnotherAsync();

    /// <summary>The service's internal state outside its contract, such as files. It must be equal before and after a refused call.</summary>
    public virtual IReadOnlyList<string> Inventory() => [];

    /// <summary>Checks whether the tests can run here.</summary>
    /// <returns>The reason for skipping them, or null.</returns>
    protected abstract Task<string?> WhyNotAsync();

    /// <summary>Opens the service.</summary>
    protected abstract Task<IAgbService> OpenAsync();

    /// <summary>Closes the service and checks for leftovers.</summary>
    /// <param name="service">The service; null if the tests were skipped.</param>
    protected abstract Task CloseAsync(IAgbService? service);
}
