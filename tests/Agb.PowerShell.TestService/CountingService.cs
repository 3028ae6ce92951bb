using System.Collections.Concurrent;
using System.Reflection;

namespace Agb.PowerShell.TestService;

/// <summary>Notes the name of each call that a service gets, and makes it.</summary>
public class CountingService : DispatchProxy
{
    private IAgbService? _service;

    /// <summary>The calls so far, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>A counting service around another one.</summary>
    public static IAgbService Around(IAgbService service)
    {
        var counting = Create<IAgbService, CountingService>();
        ((CountingService)counting)._service = service;
        return counting;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        // Capabilities are known after the first call of a service.
        if (!targetMethod.IsSpecialName && targetMethod.Name != nameof(IAgbService.GetCapabilitiesAsync))
        {
            Calls.Enqueue(targetMethod.Name);
        }
        try
        {
            return targetMethod.Invoke(_service, args);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }
}
