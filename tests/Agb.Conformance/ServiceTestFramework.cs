using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Agb.Conformance;

/// <summary>The framework of xUnit, which runs a class with <see cref="RunsOnAttribute"/> once for each of its services.</summary>
public sealed class ServiceTestFramework : XunitTestFramework
{
    /// <inheritdoc/>
    protected override ITestFrameworkDiscoverer CreateDiscoverer(Assembly assembly) =>
        new Discoverer(new XunitTestAssembly(assembly, configFileName: null, assembly.GetName().Version));

    private sealed class Discoverer(IXunitTestAssembly assembly) : XunitTestFrameworkDiscoverer(assembly)
    {
        private readonly ServiceAttribute[] _services = [.. assembly.Assembly.GetCustomAttributes<ServiceAttribute>()];

        protected override Type[] GetExportedTypes() => [.. base.GetExportedTypes(), .. typeof(ServiceTest).Assembly.GetExportedTypes()];

        protected override async ValueTask<bool> FindTestsForType(
            IXunitTestClass testClass, ITestFrameworkDiscoveryOptions discoveryOptions, Func<ITestCase, ValueTask<bool>> discoveryCallback)
        {
            if (testClass.Class.GetCustomAttribute<RunsOnAttribute>() is not { } runsOn)
            {
                return await base.FindTestsForType(testClass, discoveryOptions, discoveryCallback);
            }
            foreach (var service in _services.Where(s => runsOn.Now.HasFlag(s.Service)))
            {
                if (!await base.FindTestsForType(ServiceTestClass.Of(testClass.Class, service, TestAssembly), discoveryOptions, discoveryCallback))
                {
                    return false;
                }
            }
            return true;
        }
    }
}
